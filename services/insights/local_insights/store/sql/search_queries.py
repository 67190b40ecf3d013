"""What is asked about searches: pages of items, counts, news."""

from dataclasses import replace

from local_insights.model.item import Item
from local_insights.model.search.search import Facet, FacetCount, Search, SearchCounts, SearchCursor, SearchHit
from local_insights.model.time_range import TimeRange
from local_insights.store.sql.queries import Queries, bounds
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
"""What stands for the steps where `facet_number` stands for a facet."""
_BEFORE = "(time_us < $place_us OR time_us = $place_us AND rowid < $place_row)"
_AFTER = "(time_us > $place_us OR time_us = $place_us AND rowid > $place_row)"


def search_items(
    queries: Queries, search: Search, limit: int, before: SearchCursor | None, after: SearchCursor | None
) -> list[SearchHit]:
    """See the contract."""
    place = after or before
    searched, parameters = _searched(_reaching_to(search, before, after))
    if place:
        parameters |= {"place_us": place.time_us, "place_row": place.row}
    statement = SEARCH_ITEMS.format(
        columns=", ".join(Item._fields),
        searched=searched,
        page=_AFTER if after else _BEFORE if before else "1 = 1",
        order="ASC" if after else "DESC",
    )
    rows = queries.ask(statement, parameters | {"limit": limit})
    found = [SearchHit(item := Item._make(row[1:]), SearchCursor(item.time_us, row[0])) for row in rows]
    return found[::-1] if after else found


def search_counts(queries: Queries, search: Search, steps: int, max_values: int) -> SearchCounts:
    """See the contract."""
    query, missed = query_condition(search.query), missed_facets(search.filters)
    statement = SEARCH_COUNTS.format(
        facets=", ".join(f"{column} AS {facet.value}" for facet, column in FACET_COLUMNS.items()),
        missed=missed.text,
        query=query.text,
    )
    parameters = (
        bounds(search.time_range) | query.parameters | missed.parameters | {"steps": steps, "max_values": max_values}
    )
    rows = queries.ask(statement, parameters)
    events_of_step = {int(value): (items, events) for number, value, items, events in rows if number == _STEP_NUMBER}
    return SearchCounts(
        items=sum(items for items, _ in events_of_step.values()),
        events=sum(events for _, events in events_of_step.values()),
        steps=tuple(events_of_step.get(step, (0, 0))[1] for step in range(steps)),
        facets={
            facet: tuple(
                FacetCount(value, events) for number, value, _, events in rows if number == facet_number(facet)
            )
            for facet in Facet
        },
    )


def count_new_items(queries: Queries, search: Search, row: int) -> int:
    """See the contract."""
    searched, parameters = _searched(search)
    return int(queries.ask(COUNT_NEW_ITEMS.format(searched=searched), parameters | {"row": row})[0][0])


def latest_row(queries: Queries) -> int:
    """See the contract."""
    return int(queries.ask(LATEST_ROW, {})[0][0])


def _searched(search: Search) -> tuple[str, dict[str, object]]:
    """The condition that a row is searched for, but for its time, and all parameters."""
    query, filters = query_condition(search.query), filters_condition(search.filters)
    return f"{filters.text} AND {query.text}", bounds(search.time_range) | filters.parameters | query.parameters


def _reaching_to(search: Search, before: SearchCursor | None, after: SearchCursor | None) -> Search:
    """The same search in the part of its time range that the page can be in: the store then reads no other."""
    start_us, end_us = search.time_range.start_us, search.time_range.end_us
    if after:
        start_us = min(max(start_us, after.time_us), end_us - 1)
    elif before:
        end_us = max(min(end_us, before.time_us + 1), start_us + 1)
    return replace(search, time_range=TimeRange(start_us, end_us))
