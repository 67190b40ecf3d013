"""Queries of searches: pages of items, counts, updates."""

from dataclasses import replace

from local_insights.model.item import Item
from local_insights.model.search.search import Facet, FacetCount, Search, SearchCounts, SearchCursor, SearchHit
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import SearchReader
from local_insights.store.sql.queries import SqlQueries, range_parameters
from local_insights.store.sql.search_conditions import (
    FACET_COLUMNS,
    facet_number,
    filters_condition,
    missed_facets,
    query_condition,
)
from local_insights.store.sql.statements import read_sql

SEARCH_ITEMS = read_sql("search_items")
SEARCH_COUNTS = read_sql("search_counts")
COUNT_NEW_ITEMS = read_sql("count_new_items")
LATEST_ROW = read_sql("latest_row")

_STEP_NUMBER = 1
"""The number of the steps, in the column that has `facet_number` for facets."""
_BEFORE = "(time_us < $cursor_us OR time_us = $cursor_us AND rowid < $cursor_row)"
_AFTER = "(time_us > $cursor_us OR time_us = $cursor_us AND rowid > $cursor_row)"


class SearchQueries(SqlQueries, SearchReader):
    """The queries of `SearchReader`."""

    def search_items(
        self, search: Search, limit: int, *, before: SearchCursor | None = None, after: SearchCursor | None = None
    ) -> list[SearchHit]:
        cursor = after or before
        condition, parameters = _condition(_narrowed_to_page(search, before, after))
        if cursor:
            parameters |= {"cursor_us": cursor.time_us, "cursor_row": cursor.row}
        statement = SEARCH_ITEMS.format(
            columns=", ".join(Item._fields),
            condition=condition,
            page=_AFTER if after else _BEFORE if before else "1 = 1",
            order="ASC" if after else "DESC",
        )
        rows = self.execute(statement, parameters | {"limit": limit})
        hits = [SearchHit(item := Item._make(row[1:]), SearchCursor(item.time_us, row[0])) for row in rows]
        return hits[::-1] if after else hits

    def search_counts(self, search: Search, steps: int, max_values: int = 10) -> SearchCounts:
        query, missed = query_condition(search.query), missed_facets(search.filters)
        statement = SEARCH_COUNTS.format(
            facets=", ".join(f"{column} AS {facet.value}" for facet, column in FACET_COLUMNS.items()),
            missed=missed.text,
            query=query.text,
        )
        parameters = range_parameters(search.time_range) | query.parameters | missed.parameters
        rows = self.execute(statement, parameters | {"steps": steps, "max_values": max_values})
        counts_by_step = {
            int(value): (items, events) for number, value, items, events in rows if number == _STEP_NUMBER
        }
        return SearchCounts(
            items=sum(items for items, _ in counts_by_step.values()),
            events=sum(events for _, events in counts_by_step.values()),
            steps=tuple(counts_by_step.get(step, (0, 0))[1] for step in range(steps)),
            facets={
                facet: tuple(
                    FacetCount(value, events) for number, value, _, events in rows if number == facet_number(facet)
                )
                for facet in Facet
            },
        )

    def count_new_items(self, search: Search, row: int) -> int:
        condition, parameters = _condition(search)
        statement = COUNT_NEW_ITEMS.format(condition=condition)
        return int(self.execute(statement, parameters | {"row": row})[0][0])

    def latest_row(self) -> int:
        return int(self.execute(LATEST_ROW, {})[0][0])


def _condition(search: Search) -> tuple[str, dict[str, object]]:
    """Return the condition that a row matches, without its time, and all parameters, with those of the time."""
    query, filters = query_condition(search.query), filters_condition(search.filters)
    parameters = range_parameters(search.time_range) | filters.parameters | query.parameters
    return f"{filters.text} AND {query.text}", parameters


def _narrowed_to_page(search: Search, before: SearchCursor | None, after: SearchCursor | None) -> Search:
    """Return the search in the part of its time range that can contain the page. The engine reads no other part."""
    start_us, end_us = search.time_range.start_us, search.time_range.end_us
    if after:
        start_us = min(max(start_us, after.time_us), end_us - 1)
    elif before:
        end_us = max(min(end_us, before.time_us + 1), start_us + 1)
    return replace(search, time_range=TimeRange(start_us, end_us))
