"""Searches and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from local_insights.model.item import Item
from local_insights.model.search.query import Query
from local_insights.model.time_range import TimeRange


class Facet(StrEnum):
    """A field by which the matching items are counted and filtered. Its values are texts; `""` means no value."""

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
"""The accepted values of each facet. A facet without values accepts all."""


@dataclass(frozen=True, slots=True)
class Search:
    """Items that began in a time range, match the query, and pass the filter of each facet."""

    time_range: TimeRange
    query: Query | None = None
    filters: Filters = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class SearchCursor:
    """The position of an item in search results: they are ordered by time, then by the row in which it is stored."""

    time_us: int
    row: int


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An item and its cursor."""

    item: Item
    cursor: SearchCursor


@dataclass(frozen=True, slots=True)
class FacetCount:
    """Number of events of the matching items with one value of a facet."""

    value: str
    events: int


@dataclass(frozen=True, slots=True)
class SearchCounts:
    """Counts of the items that match a search.

    `events` is weighted by the item count (sampling), as are `steps` (equal steps of the time range) and `facets`. The
    values of a facet are counted without the filter of that facet, to show the effect of other values. The filtered
    values come first, then the most frequent; `""` is not included.
    """

    items: int
    events: int
    steps: tuple[int, ...]
    facets: Mapping[Facet, tuple[FacetCount, ...]]
