"""Selections of items, and the types of the results that a store returns for them."""

from dataclasses import dataclass
from typing import Literal

from local_insights.model.item import ItemType
from local_insights.model.statistics import CallStatistics


@dataclass(frozen=True, slots=True)
class Selection:
    """Items of one type that match all fields that are not None.

    An exception counts as failed. Any other item without an outcome, such as a page view, does not.
    """

    item_type: ItemType
    role: str | None = None
    name: str | None = None
    dependency_type: str | None = None
    target: str | None = None
    result_code: str | None = None
    shortest_us: int | None = None
    """Minimum duration in microseconds, inclusive."""
    longest_us: int | None = None
    """Maximum duration in microseconds, exclusive."""
    failed_only: bool = False
    instrumentation_key: str | None = None


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A reference to a node of the Application Map, used to query its details."""

    kind: Literal["role", "dependency", "browser", "availability"]
    name: str
    """The role name, the target of the dependency, or the name of the availability test."""
    dependency_type: str = ""
    instrumentation_key: str | None = None
    """The application of a role that several applications have; None for all."""

    @property
    def selection(self) -> Selection:
        """The items that measure the node.

        A role is measured by the requests it served, a dependency by the calls made to it, a browser by its page
        views, an availability test by its results.
        """
        match self.kind:
            case "role":
                return Selection(ItemType.REQUEST, role=self.name, instrumentation_key=self.instrumentation_key)
            case "dependency":
                return Selection(ItemType.DEPENDENCY, dependency_type=self.dependency_type, target=self.name)
            case "browser":
                return Selection(ItemType.PAGE_VIEW, role=self.name, instrumentation_key=self.instrumentation_key)
            case "availability":
                return Selection(ItemType.AVAILABILITY_RESULT, name=self.name)


GroupField = Literal["role", "name", "dependency_type", "target", "result_code"]
"""A field of a `Selection` that items can be grouped by."""


GroupOrder = Literal["calls", "failed", "duration"]
"""The sum that groups are sorted by, largest first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items with equal values in the grouping fields.

    `selection` is the queried selection, narrowed to these values.
    """

    selection: Selection
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class Groups:
    """The first groups of a selection, in order, and the number of all its groups."""

    first: tuple[Group, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """Items of a selection that began within one step of a time range. `start_us` is the start of the step."""

    start_us: int
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class Failure:
    """Failed items with equal values in all these fields. `items` is their weighted count."""

    item_type: ItemType
    role: str
    name: str
    dependency_type: str
    target: str
    result_code: str
    items: int


SampleOrder = Literal["newest", "slowest"] | int
"""The order of samples. A number sorts by the distance of the duration to that many microseconds, nearest first."""
