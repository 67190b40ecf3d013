"""Rows that a store returns for the Application Map: few rows, independent of the number of items."""

from dataclasses import dataclass, field

from local_insights.model.statistics import CallStatistics

RECENT_US = 15_000_000
"""Telemetry of the other end of a call may arrive this much later: the longest interval at which SDKs send."""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Requests that one role served. A role that only makes calls has a row without requests.

    `instances` is the number of instances that served requests, or, when there are none, of those that made calls.
    """

    role: str
    instances: int
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """Requests that one instance of a role served, without duration buckets.

    When no instance of a role served requests, the instances that made calls have a row each, without requests.
    """

    role: str
    name: str
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Remote calls of one role, measured by the caller, and the role that served them.

    A call that several roles served, such as a message with several receivers, is in one row for each of them.
    `target_role` is None when no stored request has one of these calls as its parent. The target is then a node of its
    own. In-process dependencies are not remote calls. They are included only if a request of another role has one of
    them as its parent, because then they did call another role.
    """

    source_role: str
    target_role: str | None
    dependency_type: str
    target: str
    statistics: CallStatistics
    first_us: int = field(default=0, compare=False)
    """The start time of the first of these calls."""


@dataclass(frozen=True, slots=True)
class RootRequestRow:
    """Requests of a role without a parent id: their caller is not traced."""

    role: str
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class MissingParentRow:
    """Requests of a role with a parent id that no stored item has.

    `source` is their field `source` if it names the caller, else empty.
    """

    role: str
    statistics: CallStatistics
    source: str = ""
    is_recent: bool = False
    """True if the requests began less than `RECENT_US` before the end of the range: the caller may be still at work."""


@dataclass(frozen=True, slots=True)
class PageViewRow:
    """Page views of a role."""

    role: str
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class AvailabilityRow:
    """Results of an availability test, measured by the test, and the role that it reached.

    `target_role` is the role of the first request of the operations that the results belong to. It is None for results
    whose operations have no request, for example because the connection failed.
    """

    name: str
    target_role: str | None
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class NamedAddressRow:
    """An address that a role called, and the application id that the callee returned (`cid-v1:<id>`)."""

    source_role: str
    dependency_type: str
    target: str
    application_id: str


@dataclass(frozen=True, slots=True, order=True)
class RoleKeyRow:
    """A role, and an instrumentation key under which it served requests (`is_serving`) or made calls."""

    role: str
    instrumentation_key: str
    is_serving: bool


@dataclass(frozen=True, slots=True, order=True)
class ComponentRow:
    """The name of a component whose role several applications have. All other rows contain it in place of the role."""

    name: str
    role: str
    instrumentation_key: str


@dataclass(frozen=True, slots=True)
class CallRows:
    """All rows of one time range. Roles are names of components if `components` has an entry for them."""

    roles: tuple[RoleRow, ...]
    links: tuple[LinkRow, ...]
    root_requests: tuple[RootRequestRow, ...]
    missing_parents: tuple[MissingParentRow, ...]
    page_views: tuple[PageViewRow, ...] = ()
    availability: tuple[AvailabilityRow, ...] = ()
    addresses: tuple[NamedAddressRow, ...] = ()
    keys: tuple[RoleKeyRow, ...] = ()
    instances: tuple[InstanceRow, ...] = ()
    components: tuple[ComponentRow, ...] = ()
