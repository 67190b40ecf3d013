"""The Application Map: who calls whom, how often, how fast, how well."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, NamedTuple

from local_insights.model.call_rows import CallRows, RoleRow
from local_insights.model.callees import Callees
from local_insights.model.node_id import CLIENT_ID, DependencyKey, dependency_id, role_id
from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange

NodeKind = Literal["role", "dependency", "client"]


@dataclass(frozen=True, slots=True)
class Node:
    """A circle on the map. Durations and percentiles are None when the node served no calls.

    `id` is readable and stable: `role:frontend`, `dependency:MySQL|127.0.0.1:3306 | mesh`, `client:client`.
    `type` is the dependency type of a dependency, else None. Percents run from 0 to 100. A role's figures are those of
    the requests it served; a dependency's and the client's are those of their edges. `instances` is 0 where telemetry
    cannot tell, which is so for everything but roles that served requests.
    """

    id: str
    kind: NodeKind
    name: str
    type: str | None
    calls: int
    failed: int
    failed_percent: float
    average_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    instances: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A connector: calls from `source` to `target` (node ids), as the caller measured them.

    Nobody measures at the client, so its edges carry the figures of the requests as served.
    """

    source: str
    target: str
    calls: int
    failed: int
    failed_percent: float
    average_ms: float | None
    p95_ms: float | None


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
    their own, shared by all callers of the same type and target. Requests without a parent come from one client node.
    The order of the rows does not matter.

    Reference:
        "Application Map: Triage distributed applications", Microsoft Learn: circles are components by cloud role name
        or what they call, connectors carry the caller's figures, counts stand for what was sampled away.
    """
    edges = _Edges()
    roles = {row.role: row for row in rows.roles}
    named = {*roles, *(entry.role for entry in rows.entries), *(orphan.role for orphan in rows.orphans)}
    dependencies: dict[DependencyKey, CallStatistics] = {}
    entered = CallStatistics()
    presumed: Counter[tuple[str, str, str]] = Counter()
    callees = Callees(rows.links)
    for link in rows.links:
        named.add(link.source_role)
        called = callees.role_called(link)
        if called is None:
            key = DependencyKey(link.dependency_type, link.target)
            dependencies[key] = dependencies.get(key, CallStatistics()) + link.made
            edges.add(role_id(link.source_role), dependency_id(key), link.made)
            continue
        named.add(called)
        edges.add(role_id(link.source_role), role_id(called), link.made)
        if link.target_role is None:
            presumed[link.source_role, link.target, called] += link.made.calls
    for entry in rows.entries:
        entered += entry.served
        edges.add(CLIENT_ID, role_id(entry.role), entry.served)
    nodes = [_role_node(name, roles.get(name)) for name in named]
    nodes += [
        _node(_Identity(dependency_id(key), "dependency", key.target, key.type), made)
        for key, made in dependencies.items()
    ]
    if rows.entries:
        nodes.append(_node(_Identity(CLIENT_ID, "client", "client"), entered))
    return ApplicationMap(
        time_range=time_range,
        nodes=tuple(sorted(nodes, key=lambda node: node.id)),
        edges=edges.sorted(),
        notes=_notes(rows, presumed, empty=not nodes),
    )


class _Edges:
    """Sums the calls of every pair of nodes."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], CallStatistics] = {}

    def add(self, source: str, target: str, made: CallStatistics) -> None:
        self._made[source, target] = self._made.get((source, target), CallStatistics()) + made

    def sorted(self) -> tuple[Edge, ...]:
        return tuple(
            Edge(
                source=source,
                target=target,
                calls=made.calls,
                failed=made.failed,
                failed_percent=made.failed_percent,
                average_ms=made.average_ms,
                p95_ms=made.percentile_ms(0.95),
            )
            for (source, target), made in sorted(self._made.items(), key=lambda item: item[0])
        )


class _Identity(NamedTuple):
    id: str
    kind: NodeKind
    name: str
    type: str | None = None


def _role_node(role: str, row: RoleRow | None) -> Node:
    identity = _Identity(role_id(role), "role", role)
    return _node(identity, row.served, row.instances) if row else _node(identity, CallStatistics())


def _node(identity: _Identity, served: CallStatistics, instances: int = 0) -> Node:
    return Node(
        **identity._asdict(),
        calls=served.calls,
        failed=served.failed,
        failed_percent=served.failed_percent,
        average_ms=served.average_ms,
        p50_ms=served.percentile_ms(0.5),
        p95_ms=served.percentile_ms(0.95),
        instances=instances,
    )


def _notes(rows: CallRows, presumed: Counter[tuple[str, str, str]], *, empty: bool) -> tuple[str, ...]:
    if empty:
        return ("No requests or dependencies in this time range.",)
    orphans: Counter[str] = Counter()
    for orphan in rows.orphans:
        orphans[orphan.role] += orphan.calls
    notes = [
        f"{_calls(count)} of {role} {'names' if count == 1 else 'name'} a caller that sent no telemetry."
        for role, count in sorted(orphans.items())
        if count
    ]
    notes += [
        f"{_calls(count)} from {source} to {target} {'was' if count == 1 else 'were'} not answered in the telemetry; "
        f"counted to {role}, which answers there."
        for (source, target, role), count in sorted(presumed.items())
    ]
    return tuple(notes)


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"
