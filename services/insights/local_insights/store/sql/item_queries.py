"""Queries of all stored items: export and statistics."""

from local_insights.model.item import Item
from local_insights.model.summaries import StoreStats
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import ItemReader
from local_insights.store.sql.queries import SqlQueries, range_parameters
from local_insights.store.sql.statements import read_sql

STORED_ITEMS = read_sql("stored_items").format(columns=", ".join(Item._fields))
STATS = read_sql("stats")


class ItemQueries(SqlQueries, ItemReader):
    """The queries of `ItemReader` and `HealthReader.stats`."""

    def stored_items(self, row: int, time_range: TimeRange, limit: int) -> list[tuple[int, Item]]:
        rows = self.execute(STORED_ITEMS, range_parameters(time_range) | {"row": row, "limit": limit})
        return [(row, Item._make(columns)) for row, *columns in rows]

    def stats(self) -> StoreStats:
        return StoreStats(*self.execute(STATS, {})[0])
