"""Full-text search: every query evaluates all items of the time range."""

from collections import Counter
from dataclasses import replace

from local_insights.model.item import Item
from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.search import Facet, FacetCount, Search, SearchCounts, SearchCursor, SearchHit
from local_insights.model.search.texts import searched_texts
from local_insights.model.search.words import Term
from local_insights.store.contract import SearchReader
from local_insights.store.memory.items import ItemSource, Row


class MemorySearchReader(ItemSource, SearchReader):
    """The queries of `SearchReader`."""

    def search_items(
        self, search: Search, limit: int, *, before: SearchCursor | None = None, after: SearchCursor | None = None
    ) -> list[SearchHit]:
        hits = [SearchHit(item, SearchCursor(item.time_us, row)) for row, item in self._matching(search)]
        hits.sort(key=lambda hit: hit.cursor, reverse=True)
        if after:
            return [hit for hit in hits if hit.cursor > after][-limit:]
        return [hit for hit in hits if before is None or hit.cursor < before][:limit]

    def search_counts(self, search: Search, steps: int, max_values: int = 10) -> SearchCounts:
        candidates = [item for _, item in self._matching(replace(search, filters={}))]
        items = [item for item in candidates if _passes_filters(item, search)]
        events_by_step = [0] * steps
        for item in items:
            offset_us = item.time_us - search.time_range.start_us
            events_by_step[offset_us * steps // search.time_range.duration_us] += item.item_count
        return SearchCounts(
            items=len(items),
            events=sum(events_by_step),
            steps=tuple(events_by_step),
            facets={facet: _facet_counts(candidates, search, facet, max_values) for facet in Facet},
        )

    def count_new_items(self, search: Search, row: int) -> int:
        return sum(number > row for number, _ in self._matching(search))

    def latest_row(self) -> int:
        rows = self.snapshot()
        return rows[-1][0] if rows else -1

    def _matching(self, search: Search) -> list[Row]:
        start_us, end_us = search.time_range.start_us, search.time_range.end_us
        return [
            (row, item)
            for row, item in self.snapshot()
            if start_us <= item.time_us < end_us
            and _passes_filters(item, search)
            and (search.query is None or matches_query(item, search.query))
        ]


def matches_query(item: Item, query: Query) -> bool:
    """Return True if an item matches a query.

    A term matches if one of the texts of the item contains it, or if it is the operation id.
    """
    match query:
        case Not(operand):
            return not matches_query(item, operand)
        case And(operands):
            return all(matches_query(item, operand) for operand in operands)
        case Or(operands):
            return any(matches_query(item, operand) for operand in operands)
        case Term(words):
            return words == (item.operation_id,) or any(query.spans(text.text) for text in searched_texts(item))


def _passes_filters(item: Item, search: Search, without: Facet | None = None) -> bool:
    """Return True if an item has one of the filtered values for each facet, except for the facet `without`."""
    return all(
        _facet_value(item, facet) in values for facet, values in search.filters.items() if values and facet != without
    )


def _facet_counts(items: list[Item], search: Search, facet: Facet, max_values: int) -> tuple[FacetCount, ...]:
    """Count the values of a facet without its own filter: the filtered values first, then the most frequent."""
    events: Counter[str] = Counter()
    for item in items:
        if _passes_filters(item, search, without=facet):
            events[_facet_value(item, facet)] += item.item_count
    del events[""]
    selected = search.filters.get(facet, frozenset())
    values = sorted(events, key=lambda value: (value not in selected, -events[value], value))
    return tuple(FacetCount(value, events[value]) for value in values[:max_values])


def _facet_value(item: Item, facet: Facet) -> str:
    match facet:
        case Facet.TYPE:
            return item.item_type
        case Facet.ROLE:
            return item.role
        case Facet.OPERATION:
            return item.operation_name
        case Facet.RESULT:
            return item.result_code
        case Facet.SUCCESS:
            return "" if item.success is None else str(item.success).lower()
        case Facet.SEVERITY:
            return "" if item.severity is None else str(item.severity)
