"""The Application Map: nodes, the calls between them, and their call statistics."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from local_insights.model.call_rows import RECENT_US, CallRows, LinkRow, MissingParentRow, RoleRow
from local_insights.model.map_elements import Edge, EdgeTotals, Node
from local_insights.model.map_folding import IsPreferred, fold_smallest, folding_notes
from local_insights.model.map_notes import MapNotes
from local_insights.model.node_id import (
    CLIENT_ID,
    UNKNOWN_CALLER_ID,
    DependencyKey,
    availability_id,
    component_id,
    dependency_id,
    role_id,
)
from local_insights.model.peer_resolution import PeerResolver, tested_roles
from local_insights.model.request_context import RequestContextResolver
from local_insights.model.statistics import CallStatistics, combined
from local_insights.model.targets import BROWSER_TYPES, HTTP_TYPES
from local_insights.model.time_limit import limited
from local_insights.model.time_range import TimeRange

Called = Iterable[tuple[LinkRow, str | None]]
"""Calls, each with the role that served them or should have."""
BROWSER_PREFIX = "(browser) "
"""Prefix of a browser's role name when its telemetry names no role."""


@dataclass(frozen=True, slots=True)
class ApplicationMap:
    """The map of one time range. Nodes and edges are sorted by id; `notes` describe missing and inferred data."""

    time_range: TimeRange
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...]


def application_map(
    rows: CallRows, time_range: TimeRange, is_preferred: IsPreferred = lambda _: False
) -> ApplicationMap:
    """Build the map from the store's rows.

    - Every role that appears in any row is a node, also a role that only makes calls. A role of several applications is
      a node for each of them.
    - A call that several roles served, such as a message with several receivers, is an edge to each of them.
    - Calls without a callee role go to a dependency node, one per dependency type and target.
    - Requests without a parent come from the client node.
    - Requests whose caller sent no telemetry come from the role that their `source` names, else from an unknown caller.
      They have no edge if that role reported calls to the same callee, or if the callee has known callers and it or
      they sample: the callers' statistics are already corrected for sampling.
    - Availability tests are nodes that call the role that their requests reached.
    - A map of very many nodes contains those with the most calls, after those that are preferred; see `map_folding`.

    The order of the rows has no effect.

    Reference:
        "Application Map: Triage distributed applications", Microsoft Learn: nodes are components by cloud role name or
        their dependencies, connectors show the caller's metrics, counts are corrected for sampling.
    """
    node_id = _NodeIds(rows)
    peers = PeerResolver(rows.links)
    context = RequestContextResolver(rows.addresses, rows.keys, rows.components)
    called = [(link, link.target_role or context.callee(link) or peers.callee(link)) for link in limited(rows.links)]
    edges = EdgeTotals()
    notes = MapNotes()
    dependencies: defaultdict[DependencyKey, list[CallStatistics]] = defaultdict(list)
    for link, role in limited(called):
        if role is None:
            key = _key(link)
            dependencies[key].append(link.statistics)
            edges.add(node_id(link.source_role), dependency_id(key), link.statistics)
            continue
        edges.add(node_id(link.source_role), node_id(role), link.statistics)
        if link.target_role is None:
            notes.add_inferred(link, role)
    for entry in rows.root_requests:
        edges.add(CLIENT_ID, node_id(entry.role), entry.statistics)
    sampled = _sampled_roles(rows, called)
    calling = list(_callers(rows.missing_parents, context, called, sampled))
    for row, caller in calling:
        if caller is None:
            notes.add_unknown_caller(row, is_sampled=row.role in sampled)
            edges.add(UNKNOWN_CALLER_ID, node_id(row.role), row.statistics)
        else:
            notes.add_named_caller(row, caller)
            edges.add(node_id(caller), node_id(row.role), row.statistics)
    notes.add_sampling(rows.roles)
    tested = tested_roles(rows.availability)
    for test in rows.availability:
        reached = test.target_role or tested.get(test.name)
        if reached is not None:
            edges.add(availability_id(test.name), node_id(reached), test.statistics)
    recent_us = time_range.end_us - RECENT_US
    earlier = {_key(link) for link in rows.links if link.first_us < recent_us}
    nodes = [
        *_roles(rows, node_id, {role for _, role in [*called, *calling] if role is not None}),
        *(
            Node(
                id=dependency_id(key),
                kind="dependency",
                name=key.target,
                type=key.type,
                statistics=combined(parts),
                is_provisional=key not in earlier and key.type.lower() in HTTP_TYPES,
            )
            for key, parts in limited(dependencies.items())
        ),
        *_clients(rows, calling),
        *_availability_tests(rows),
    ]
    nodes, edges = fold_smallest(nodes, edges, is_preferred)
    return ApplicationMap(
        time_range=time_range,
        nodes=tuple(sorted(nodes, key=lambda node: node.id)),
        edges=edges.sorted(),
        notes=(*folding_notes(nodes), *notes.texts([node.name for node in nodes if node.is_provisional]))
        if nodes
        else ("No requests or dependencies in this time range.",),
    )


class _NodeIds:
    """Maps roles, or names of components, to node ids."""

    def __init__(self, rows: CallRows) -> None:
        self._ids = {row.name: component_id(row.role, row.instrumentation_key) for row in rows.components}

    def __call__(self, name: str) -> str:
        return self._ids.get(name) or role_id(name)


def _key(link: LinkRow) -> DependencyKey:
    return DependencyKey(link.dependency_type, link.target)


def _sampled_roles(rows: CallRows, called: Called) -> set[str]:
    """Return the roles whose requests are sampled by their own SDK, or whose callers' SDKs sample."""
    sampled = {row.role for row in rows.roles if row.statistics.is_sampled}
    return sampled | {role for link, role in called if role is not None and link.statistics.is_sampled}


def _callers(
    rows: Iterable[MissingParentRow], context: RequestContextResolver, called: Called, sampled: Collection[str]
) -> Iterator[tuple[MissingParentRow, str | None]]:
    """Yield requests whose caller sent no telemetry, with the caller if they name it.

    Requests of callers that reported calls to the same role are omitted. So are those of roles with known callers, if
    these are sampled or if the requests are recent: SDKs report a call when it has ended, after the requests that it
    caused.
    """
    reported = {(link.source_role, role) for link, role in called}
    called_roles = {role for _, role in called}
    for row in rows:
        caller = context.caller(row) if row.source else None
        is_expected = row.role in called_roles and (row.is_recent or row.role in sampled)
        if not (is_expected if caller is None else (caller, row.role) in reported):
            yield row, caller


def _roles(rows: CallRows, node_id: _NodeIds, called: set[str]) -> Iterator[Node]:
    """Yield a node for every role in any row.

    A role is a browser if it serves no requests and has page views, calls of a browser-only type, or the browser
    prefix.
    """
    served = {row.role: row for row in rows.roles}
    viewed = {row.role: row.statistics for row in rows.page_views}
    calling_as_browser = {link.source_role for link in rows.links if link.dependency_type.lower() in BROWSER_TYPES}
    names = {
        *served,
        *viewed,
        *called,
        *(link.source_role for link in rows.links),
        *(entry.role for entry in rows.root_requests),
        *(orphan.role for orphan in rows.missing_parents),
        *(test.target_role for test in rows.availability if test.target_role is not None),
    }
    for role in names:
        row = served.get(role, RoleRow(role, 0, CallStatistics()))
        is_browser = not row.statistics.calls and (
            role in viewed or role in calling_as_browser or role.startswith(BROWSER_PREFIX)
        )
        yield Node(
            id=node_id(role),
            kind="browser" if is_browser else "role",
            name=role,
            statistics=viewed.get(role, CallStatistics()) if is_browser else row.statistics,
            instances=row.instances,
        )


def _clients(rows: CallRows, calling: Iterable[tuple[MissingParentRow, str | None]]) -> Iterator[Node]:
    if rows.root_requests:
        entered = combined(entry.statistics for entry in rows.root_requests)
        yield Node(id=CLIENT_ID, kind="client", name="client", statistics=entered)
    if unknown := [row for row, caller in calling if caller is None]:
        yield Node(
            id=UNKNOWN_CALLER_ID,
            kind="client",
            name="unknown caller",
            statistics=combined(row.statistics for row in unknown),
            is_provisional=all(row.is_recent for row in unknown),
        )


def _availability_tests(rows: CallRows) -> Iterator[Node]:
    results: defaultdict[str, list[CallStatistics]] = defaultdict(list)
    for test in rows.availability:
        results[test.name].append(test.statistics)
    for name, parts in results.items():
        yield Node(id=availability_id(name), kind="availability", name=name, statistics=combined(parts))
