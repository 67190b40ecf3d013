"""What the store counts for the Application Map: few rows, whatever the number of items."""

from dataclasses import dataclass

from local_insights.model.statistics import CallStatistics


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Requests that one role served. A role that only calls others has a row with no calls.

    `instances` counts those that served; where none did, those that called.
    """

    role: str
    instances: int
    served: CallStatistics


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance of a role and the requests it served, without their distribution (`served` has no buckets).

    Where no instance of a role served, those that called are there, each with nothing served.
    """

    role: str
    name: str
    served: CallStatistics


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Remote calls of one role, measured at the caller, and who answered them.

    `target_role` is None when no request in the data names these calls as its parent: the target is then a node of its
    own. In-process dependencies are not remote calls and have no row, unless a request of another role names one as
    its parent.
    """

    source_role: str
    target_role: str | None
    dependency_type: str
    target: str
    made: CallStatistics


@dataclass(frozen=True, slots=True)
class RootRequestRow:
    """Requests of a role that name no parent: they came from outside the traced world."""

    role: str
    served: CallStatistics


@dataclass(frozen=True, slots=True)
class OrphanRow:
    """Requests of a role that name a parent of which no item has arrived (weighted count)."""

    role: str
    calls: int


@dataclass(frozen=True, slots=True)
class ViewRow:
    """Page views of a role: what a browser shows its user."""

    role: str
    seen: CallStatistics


@dataclass(frozen=True, slots=True)
class AvailabilityRow:
    """Results of an availability test, measured by the test, and who answered.

    `target_role` is the role of the first request of the operations that the results belong to; None for results
    whose operations have no request, as when nothing answered.
    """

    name: str
    target_role: str | None
    made: CallStatistics


@dataclass(frozen=True, slots=True)
class NamedCallerRow:
    """Requests of a role whose caller sent no telemetry of them, but is named by their `source`."""

    role: str
    source: str
    served: CallStatistics


@dataclass(frozen=True, slots=True)
class NamedAddressRow:
    """An address that a role called, and the id of the application that answered there, by its own word."""

    source_role: str
    dependency_type: str
    target: str
    application_id: str


@dataclass(frozen=True, slots=True)
class RoleKeyRow:
    """A role that served requests or made calls, and an instrumentation key it did so under.

    `is_serving` when it served requests under it.
    """

    role: str
    instrumentation_key: str
    is_serving: bool


@dataclass(frozen=True, slots=True)
class CallRows:
    """All rows of one time range."""

    roles: tuple[RoleRow, ...]
    links: tuple[LinkRow, ...]
    entries: tuple[RootRequestRow, ...]
    orphans: tuple[OrphanRow, ...]
    views: tuple[ViewRow, ...] = ()
    availability: tuple[AvailabilityRow, ...] = ()
    callers: tuple[NamedCallerRow, ...] = ()
    addresses: tuple[NamedAddressRow, ...] = ()
    keys: tuple[RoleKeyRow, ...] = ()
    instances: tuple[InstanceRow, ...] = ()
