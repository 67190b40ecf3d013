"""Answers about searches from items in a list, by the model alone."""

from collections import Counter
from collections.abc import Sequence

from local_insights.model.item import Item
from local_insights.model.search.search import (
    Facet,
    FacetCount,
    Search,
    SearchCounts,
    SearchCursor,
    SearchHit,
    facet_value,
)


class CannedSearch:
    """A store's answers about searches; the rows of the items are their places in the list."""

    def searched_items(self) -> Sequence[Item]:
        """What is searched, in the order of its arrival."""
        raise NotImplementedError

    def search_items(
        self, search: Search, limit: int, *, before: SearchCursor | None = None, after: SearchCursor | None = None
    ) -> list[SearchHit]:
        found = [SearchHit(item, SearchCursor(item.time_us, row)) for row, item in self._found(search)]
        found.sort(key=lambda entry: entry.cursor, reverse=True)
        if after:
            return [entry for entry in found if entry.cursor > after][-limit:]
        return [entry for entry in found if before is None or entry.cursor < before][:limit]

    def search_counts(self, search: Search, steps: int, max_values: int = 10) -> SearchCounts:
        found = [item for _, item in self._found(search)]
        facets = {}
        for facet in Facet:
            others = {name: values for name, values in search.filters.items() if name != facet}
            counts: Counter[str] = Counter()
            for _, item in self._found(Search(search.time_range, search.query, others)):
                counts[facet_value(item, facet)] += item.item_count
            del counts[""]
            facets[facet] = tuple(FacetCount(value, events) for value, events in counts.most_common(max_values))
        events = [0] * steps
        for item in found:
            offset_us = item.time_us - search.time_range.start_us
            events[offset_us * steps // search.time_range.duration_us] += item.item_count
        return SearchCounts(len(found), sum(events), tuple(events), facets)

    def count_new_items(self, search: Search, row: int) -> int:
        return sum(arrived > row for arrived, _ in self._found(search))

    def latest_row(self) -> int:
        return len(self.searched_items()) - 1

    def _found(self, search: Search) -> list[tuple[int, Item]]:
        return [(row, item) for row, item in enumerate(self.searched_items()) if search.finds(item)]
