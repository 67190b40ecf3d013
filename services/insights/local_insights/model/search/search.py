"""A search, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from local_insights.model.item import Item
from local_insights.model.search.query import Query, matches
from local_insights.model.time_range import TimeRange


class Facet(StrEnum):
    """A fact that found items are counted by and can be narrowed to. Its values are texts, `""` when there is none."""

    TYPE = "type"
    """An `ItemType`."""
    ROLE = "role"
    OPERATION = "operation"
    """The operation name."""
    RESULT = "result"
    """The result code."""
    SUCCESS = "success"
    """`true` or `false`."""
    SEVERITY = "severity"
    """`0` verbose to `4` critical."""


Filters = Mapping[Facet, frozenset[str]]
"""The values that each facet is narrowed to; a facet without values narrows nothing."""


@dataclass(frozen=True, slots=True)
class Search:
    """Items that began in a time range, match the query and have, of each facet, one of the values filtered for."""

    time_range: TimeRange
    query: Query | None = None
    filters: Filters = field(default_factory=dict)

    def finds(self, item: Item) -> bool:
        """Whether an item is searched for. This is what the store's answers are held against."""
        return (
            self.time_range.start_us <= item.time_us < self.time_range.end_us
            and (self.query is None or matches(self.query, item))
            and all(facet_value(item, facet) in values for facet, values in self.filters.items() if values)
        )


def facet_value(item: Item, facet: Facet) -> str:
    """The value that an item has of a facet."""
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


@dataclass(frozen=True, slots=True, order=True)
class SearchCursor:
    """The place of an item among all, by time and, at the same time, by the row it is stored in."""

    time_us: int
    row: int


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An item and its place."""

    item: Item
    cursor: SearchCursor


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many events are behind the found items with one value of a facet."""

    value: str
    events: int


@dataclass(frozen=True, slots=True)
class SearchCounts:
    """How much a search finds.

    `events` weighs each item with its item count (what it stands for under sampling), as do `steps`, the events of
    equal steps of the time range, and `facets`. The values of a facet are counted as if it were not filtered by: one
    sees what another choice would find. Those chosen come first, then the most frequent; `""` is not among them.
    """

    items: int
    events: int
    steps: tuple[int, ...]
    facets: Mapping[Facet, tuple[FacetCount, ...]]
