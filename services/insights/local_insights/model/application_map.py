"""The Application Map: who calls whom, how often, how fast, how well."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from local_insights.model.call_rows import CallRows, RoleRow
from local_insights.model.node_id import CLIENT_ID, DependencyKey, availability_id, dependency_id, role_id
from local_insights.model.peer_resolution import Callees, tested_role
from local_insights.model.request_context import NamedEnds
from local_insights.model.statistics import CallStatistics
from local_insights.model.targets import BROWSER_TYPES
from local_insights.model.time_range import TimeRange

NodeKind = Literal["role", "dependency", "client", "browser", "availability", "group"]
BROWSER_PREFIX = "(browser) "
"""How the role of a browser begins when its telemetry names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A part of the map with figures. Durations and percentiles are None without calls, percents run from 0 to 100."""

    measured: CallStatistics

    @property
    def calls(self) -> int:
        """Calls, each weighted by what it stands for under sampling."""
        return self.measured.calls

    @property
    def failed(self) -> int:
        """Calls that failed."""
        return self.measured.failed

    @property
    def failed_percent(self) -> float:
        """Failed calls as a share of all."""
        return self.measured.failed_percent

    @property
    def average_ms(self) -> float | None:
        """Mean duration."""
        return self.measured.average_ms

    @property
    def p50_ms(self) -> float | None:
        """Median duration."""
        return self.measured.percentile_ms(0.5)

    @property
    def p95_ms(self) -> float | None:
        """The duration that 95 % of the calls stay at or below."""
        return self.measured.percentile_ms(0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Measured):
    """A circle on the map.

    `id` is readable and stable: `role:frontend`, `dependency:MySQL|127.0.0.1:3306 | mesh`, `client:client`,
    `availability:home page`. `type` is the dependency type of a dependency or of a group of them, else None. A role's
    figures are those of the requests it served; a browser's those of its page views; an availability test's those of
    its results; a dependency's and the client's those of their edges. `instances` is 0 where telemetry cannot tell,
    which is so for everything but roles. `members` are the ids that a group stands for.
    """

    id: str
    kind: NodeKind
    name: str
    type: str | None = None
    instances: int = 0
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Measured):
    """A connector: calls from `source` to `target` (node ids), as the caller measured them.

    Nobody measures at the client, so its edges carry the figures of the requests as served.
    """

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class ApplicationMap:
    """The map of one time range, nodes and edges sorted by id; `notes` say what a reader should know of its limits."""

    time_range: TimeRange
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...]


def application_map(rows: CallRows, time_range: TimeRange) -> ApplicationMap:
    """Build the map from the store's rows.

    Every role that appears anywhere is a node, even one that only calls. Calls that no role answers lead to a node of
    their own, shared by all callers of the same type and target. Requests without a parent come from one client node;
    those whose caller sent nothing come from the role that their source names, unless that role sent calls of its own
    to theirs: what the caller measured stands for all. Availability tests are nodes that call the role their requests
    reached. The order of the rows does not matter.

    Reference:
        "Application Map: Triage distributed applications", Microsoft Learn: circles are components by cloud role name
        or what they call, connectors carry the caller's figures, counts stand for what was sampled away.
    """
    callees = Callees(rows.links)
    named = NamedEnds(rows.addresses, rows.keys)
    called = [(link, link.target_role or named.callee(link) or callees.role_called(link)) for link in rows.links]
    measured = {(link.source_role, role) for link, role in called}
    calling = [(row, role) for row in rows.callers if (role := named.caller(row)) and (role, row.role) not in measured]
    edges = EdgeSums()
    dependencies: dict[DependencyKey, CallStatistics] = {}
    presumed: Counter[tuple[str, str, str]] = Counter()
    for link, role in called:
        if role is None:
            key = DependencyKey(link.dependency_type, link.target)
            dependencies[key] = dependencies.get(key, CallStatistics()) + link.statistics
            edges.add(role_id(link.source_role), dependency_id(key), link.statistics)
            continue
        edges.add(role_id(link.source_role), role_id(role), link.statistics)
        if link.target_role is None:
            presumed[link.source_role, link.target, role] += link.statistics.calls
    for entry in rows.root_requests:
        edges.add(CLIENT_ID, role_id(entry.role), entry.statistics)
    told: Counter[tuple[str, str]] = Counter()
    for row, caller in calling:
        edges.add(role_id(caller), role_id(row.role), row.statistics)
        told[row.role, caller] += row.statistics.calls
    for test in rows.availability:
        reached = test.target_role or tested_role(test.name, rows.availability)
        if reached is not None:
            edges.add(availability_id(test.name), role_id(reached), test.statistics)
    nodes = [
        *_roles(rows, {role for _, role in [*called, *calling] if role is not None}),
        *(
            Node(id=dependency_id(key), kind="dependency", name=key.target, type=key.type, measured=made)
            for key, made in dependencies.items()
        ),
        *_clients(rows),
        *_tests(rows),
    ]
    return ApplicationMap(
        time_range=time_range,
        nodes=tuple(sorted(nodes, key=lambda node: node.id)),
        edges=edges.sorted(),
        notes=_notes(rows, presumed, told, empty=not nodes),
    )


class EdgeSums:
    """Sums the calls of every pair of nodes."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], CallStatistics] = {}

    def add(self, source: str, target: str, made: CallStatistics) -> None:
        """Count calls from one node to another."""
        self._made[source, target] = self._made.get((source, target), CallStatistics()) + made

    def sorted(self) -> tuple[Edge, ...]:
        """One edge for every pair."""
        return tuple(
            Edge(source=source, target=target, measured=self._made[source, target])
            for source, target in sorted(self._made)
        )


def _roles(rows: CallRows, called: set[str]) -> Iterator[Node]:
    """Every role that is named anywhere.

    One that serves no requests, yet shows pages or calls as only browsers do, is a browser.
    """
    served = {row.role: row for row in rows.roles}
    viewed = {row.role: row.statistics for row in rows.page_views}
    calling_as_browser = {link.source_role for link in rows.links if link.dependency_type.lower() in BROWSER_TYPES}
    named = {
        *served,
        *viewed,
        *called,
        *(link.source_role for link in rows.links),
        *(entry.role for entry in rows.root_requests),
        *(orphan.role for orphan in rows.missing_parents),
        *(test.target_role for test in rows.availability if test.target_role is not None),
    }
    for role in named:
        row = served.get(role, RoleRow(role, 0, CallStatistics()))
        is_browser = not row.statistics.calls and (
            role in viewed or role in calling_as_browser or role.startswith(BROWSER_PREFIX)
        )
        yield Node(
            id=role_id(role),
            kind="browser" if is_browser else "role",
            name=role,
            measured=viewed.get(role, CallStatistics()) if is_browser else row.statistics,
            instances=row.instances,
        )


def _clients(rows: CallRows) -> Iterator[Node]:
    if rows.root_requests:
        entered = sum((entry.statistics for entry in rows.root_requests), CallStatistics())
        yield Node(id=CLIENT_ID, kind="client", name="client", measured=entered)


def _tests(rows: CallRows) -> Iterator[Node]:
    made: dict[str, CallStatistics] = {}
    for test in rows.availability:
        made[test.name] = made.get(test.name, CallStatistics()) + test.statistics
    for name, measured in made.items():
        yield Node(id=availability_id(name), kind="availability", name=name, measured=measured)


def _notes(
    rows: CallRows, presumed: Counter[tuple[str, str, str]], told: Counter[tuple[str, str]], *, empty: bool
) -> tuple[str, ...]:
    if empty:
        return ("No requests or dependencies in this time range.",)
    orphans: Counter[str] = Counter()
    for orphan in rows.missing_parents:
        orphans[orphan.role] += orphan.calls
    for (role, _), count in told.items():
        orphans[role] -= count
    notes = [
        f"{_calls(count)} of {role} {'names' if count == 1 else 'name'} a caller that sent no telemetry."
        for role, count in sorted(orphans.items())
        if count > 0
    ]
    notes += [
        f"{_calls(count)} of {role} came without telemetry of the caller; counted to {caller}, whom their source names."
        for (role, caller), count in sorted(told.items())
    ]
    notes += [
        f"{_calls(count)} from {source} to {target} {'was' if count == 1 else 'were'} not answered in the telemetry; "
        f"counted to {role}, which answers there."
        for (source, target, role), count in sorted(presumed.items())
    ]
    return tuple(notes)


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"
