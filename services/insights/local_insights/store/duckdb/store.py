"""The store on DuckDB."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from local_insights.model.call_rows import CallRows
from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import Search, SearchCounts, SearchCursor, SearchHit
from local_insights.model.selection import (
    Failure,
    GroupField,
    GroupOrder,
    Groups,
    NodeRef,
    Sample,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.summaries import ItemCounts, OperationSummary, StoreStats
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb import retention
from local_insights.store.duckdb.database import Database
from local_insights.store.duckdb.insert import Inserter
from local_insights.store.duckdb.writer import GroupWriter
from local_insights.store.sql import search_queries, selection_queries
from local_insights.store.sql.call_queries import call_rows
from local_insights.store.sql.operation_queries import recent_operations
from local_insights.store.sql.queries import Queries, bounds
from local_insights.store.sql.statements import read_sql

TRANSACTION = read_sql("transaction")
STATS = read_sql("stats")
STORED_ITEMS = read_sql("stored_items")


class DuckDBStore:
    """See `store.contract.Store`.

    Args:
        directory: where the file lives; made when it is missing.
        memory_limit_mb: what DuckDB may hold in memory.
        time_limit_s: how long a question may take.

    Raises:
        StoreError: the file cannot be opened; the text says what to do.
    """

    def __init__(self, directory: Path, *, memory_limit_mb: int = 512, time_limit_s: float = 10.0) -> None:
        self._database = Database(directory, memory_limit_mb)
        self._questions = Queries(self._database, time_limit_s)
        self._inserter = Inserter()
        self._writer = GroupWriter(self._commit)

    async def append(self, items: Sequence[Item]) -> None:
        """See the contract."""
        if items:
            await self._writer.write(items)

    def call_rows(self, time_range: TimeRange) -> CallRows:
        """See the contract."""
        return call_rows(self._questions, time_range)

    def roles(self, time_range: TimeRange) -> tuple[str, ...]:
        """See the contract."""
        return selection_queries.roles(self._questions, time_range)

    def item_counts(self, time_range: TimeRange, role: str | None = None) -> dict[ItemType, ItemCounts]:
        """See the contract."""
        return selection_queries.item_counts(self._questions, time_range, role)

    def groups(  # noqa: PLR0913 - as the contract puts the question
        self,
        selection: Selection,
        by: Sequence[GroupField],
        time_range: TimeRange,
        *,
        order: GroupOrder,
        limit: int,
        percentiles: bool = True,
    ) -> Groups:
        """See the contract."""
        return selection_queries.groups(
            self._questions, selection, by, time_range, order=order, limit=limit, percentiles=percentiles
        )

    def trend(
        self, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool = True
    ) -> list[TimelinePoint]:
        """See the contract."""
        return selection_queries.trend(self._questions, selection, time_range, steps, percentiles=percentiles)

    def co_occurring_failures(self, selection: Selection, time_range: TimeRange, limit: int = 10_000) -> list[Failure]:
        """See the contract."""
        return selection_queries.co_occurring_failures(self._questions, selection, time_range, limit)

    def samples(
        self, selection: Selection, time_range: TimeRange, limit: int, *, order: SampleOrder = "newest"
    ) -> list[Sample]:
        """See the contract."""
        return selection_queries.samples(self._questions, selection, time_range, limit, order)

    def recent_operations(
        self, time_range: TimeRange, limit: int, subject: NodeRef | None = None, *, failed_only: bool = False
    ) -> list[OperationSummary]:
        """See the contract."""
        return recent_operations(self._questions, time_range, limit, subject, failed_only=failed_only)

    def transaction(self, operation_id: str, limit: int = 10_000) -> list[Item]:
        """See the contract."""
        statement = TRANSACTION.format(columns=", ".join(Item._fields))
        rows = self._questions.ask(statement, {"operation_id": operation_id, "limit": limit})
        return [Item._make(row) for row in rows]

    def search_items(
        self, search: Search, limit: int, *, before: SearchCursor | None = None, after: SearchCursor | None = None
    ) -> list[SearchHit]:
        """See the contract."""
        return search_queries.search_items(self._questions, search, limit, before, after)

    def search_counts(self, search: Search, steps: int, max_values: int = 10) -> SearchCounts:
        """See the contract."""
        return search_queries.search_counts(self._questions, search, steps, max_values)

    def count_new_items(self, search: Search, row: int) -> int:
        """See the contract."""
        return search_queries.count_new_items(self._questions, search, row)

    def latest_row(self) -> int:
        """See the contract."""
        return search_queries.latest_row(self._questions)

    def stats(self) -> StoreStats:
        """See the contract."""
        return StoreStats(*self._questions.ask(STATS, {})[0])

    def stored_items(self, row: int, time_range: TimeRange, limit: int) -> list[tuple[int, Item]]:
        """See the contract."""
        statement = STORED_ITEMS.format(columns=", ".join(Item._fields))
        rows = self._questions.ask(statement, bounds(time_range) | {"row": row, "limit": limit})
        return [(row, Item._make(columns)) for row, *columns in rows]

    def require_ready(self) -> None:
        """See the contract."""
        self._writer.require_open()
        self._database.require_space()

    def used_bytes(self) -> int:
        """See the contract."""
        return retention.used_bytes(self._questions)

    def retention_cutoff(self, share: float) -> int | None:
        """See the contract."""
        return retention.retention_cutoff(self._questions, share)

    def delete_before(self, time_us: int) -> int:
        """See the contract."""
        return retention.delete_before(self._database, time_us)

    def close(self) -> None:
        """See the contract."""
        self._writer.close()
        self._database.close()

    def _commit(self, items: Sequence[Item]) -> None:
        """Keep all items or none, on the writer's thread."""
        if not self._database.is_open:
            self._database.reopen()
        try:
            with self._database.cursor("insert") as cursor:
                self._inserter.insert(cursor, items)
        except duckdb.Error as error:
            self._database.reopen()
            message = f"writing failed, probably for want of space: {error}"
            raise StoreUnavailableError(message) from error
