"""The side panel of one node: its statistics, callees and callers, operations, and links to other pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup

from local_insights.model.application_map import ApplicationMap
from local_insights.model.call_rows import CallRows, InstanceRow
from local_insights.model.health import Level, level
from local_insights.model.map_elements import Edge, Node
from local_insights.model.node_id import node_ref
from local_insights.model.selection import Group, NodeRef, TimelinePoint
from local_insights.model.time_range import TimeRange
from local_insights.portal.charts.axis import DURATIONS
from local_insights.portal.charts.plot import Colour
from local_insights.portal.charts.time_chart import Series, line_chart, timeline_series
from local_insights.portal.formats import duration
from local_insights.portal.map.node_details import CHART_STEPS, NodeDetails
from local_insights.portal.map.query import MapQuery
from local_insights.portal.transaction_row import TransactionRow, transaction_row

MAX_OPERATION_ROWS = 5
"""Maximum rows of each list of operations."""

MAX_INSTANCES, MAX_MEMBERS, MAX_PEERS = 50, 200, 50
"""Maximum rows of the other lists, most calls first; the table view has all peers."""

_CHART_HEIGHT_PX = 96

_KIND_LABELS = {
    "client": "callers outside the traced services",
    "browser": "browser · statistics of its page views",
    "availability": "availability test",
}


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A caller or callee, with the statistics of the connector."""

    name: str
    link: str
    edge: Edge
    level: Level


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation, with a value and a tooltip."""

    name: str
    value: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A dependency of a group; its link expands the group and selects the dependency."""

    link: str
    node: Node
    level: Level


@dataclass(frozen=True, slots=True)
class NodePanel:
    """The content of the panel.

    `node` is None for a node that is not on the map of this time range; the other fields are empty then, except
    `same_role`: the nodes of applications that have its role. Only roles have `instances`. Only groups have `members`
    and `expand_link`, which shows the members as separate nodes.
    """

    name: str
    kind_label: str
    close_link: str
    node: Node | None = None
    level: Level = Level.OK
    chart: Markup | None = None
    calls_to: tuple[PeerRow, ...] = ()
    called_by: tuple[PeerRow, ...] = ()
    instances: tuple[InstanceRow, ...] = ()
    members: tuple[MemberRow, ...] = ()
    same_role: tuple[MemberRow, ...] = ()
    expand_link: str = ""
    slowest: tuple[OperationRow, ...] = ()
    failing: tuple[OperationRow, ...] = ()
    transactions: tuple[TransactionRow, ...] = ()
    performance_link: str = ""
    failures_link: str = ""
    transactions_link: str = ""
    failed_link: str = ""


def node_panel(
    details: NodeDetails | None, rows: CallRows, whole: ApplicationMap, visible: ApplicationMap, query: MapQuery
) -> NodePanel:
    """Build the panel of `query.node`, a node of the whole map or a group of the visible map.

    `whole` is the map of `rows`. `details` is None for nodes that the store cannot be queried for, such as groups.
    """
    close_link = query.without_node().link()
    source = next((app_map for app_map in (whole, visible) if query.node in {node.id for node in app_map.nodes}), None)
    if source is None:
        ref = node_ref(query.node)
        same_role = _member_rows(_with_role(whole.nodes, ref), query)
        is_shared = query.node.startswith("role:") and len(same_role) > 1
        return NodePanel(
            name=(ref.name if ref else "") or query.node.partition(":")[2] or query.node,
            kind_label="role of several applications" if is_shared else f"not on the map in {query.time.label}",
            close_link=close_link,
            same_role=same_role,
        )
    nodes = {node.id: node for node in source.nodes}
    node = nodes[query.node]
    panel = NodePanel(
        name=node.name,
        kind_label=_kind_label(node),
        close_link=close_link,
        node=node,
        level=level(node.failed_percent),
        calls_to=_peer_rows(((edge.target, edge) for edge in source.edges if edge.source == node.id), nodes, query),
        called_by=_peer_rows(((edge.source, edge) for edge in source.edges if edge.target == node.id), nodes, query),
        instances=_instances(node, rows.instances),
    )
    if node.members:
        return _with_members(panel, node, whole, query)
    return panel if details is None else _with_details(panel, node, details, query)


def _with_members(panel: NodePanel, group: Node, whole: ApplicationMap, query: MapQuery) -> NodePanel:
    expanded = replace(query, expanded=(*query.expanded, group.id), node="")
    nodes = sorted(
        (node for node in whole.nodes if node.id in set(group.members)), key=lambda node: (-node.calls, node.id)
    )
    return replace(
        panel,
        members=_member_rows(nodes, expanded),
        expand_link=expanded.link(),
    )


def _member_rows(nodes: Iterable[Node], query: MapQuery) -> tuple[MemberRow, ...]:
    return tuple(
        MemberRow(replace(query, node=node.id).link(), node, level(node.failed_percent))
        for node in islice(nodes, MAX_MEMBERS)
    )


def _with_role(nodes: Iterable[Node], ref: NodeRef | None) -> list[Node]:
    """Return the nodes of the same role: a role has other node ids when several applications have it."""
    if ref is None or ref.kind != "role":
        return []
    refs = ((node, node_ref(node.id)) for node in nodes if node.kind in ("role", "browser"))
    return [node for node, other in refs if other is not None and other.name == ref.name]


def _with_details(panel: NodePanel, node: Node, details: NodeDetails, query: MapQuery) -> NodePanel:
    parameters = {**query.time.parameters, "node": node.id}
    investigation = _investigation_parameters(node, details.node, query)
    return replace(
        panel,
        performance_link=f"/performance?{investigation}" if investigation else "",
        failures_link=f"/failures?{investigation}" if investigation else "",
        chart=_duration_chart(details.trend, query.time.time_range),
        slowest=_slowest(details.operations),
        failing=_failing(details.operations),
        transactions=tuple(transaction_row(summary) for summary in details.recent),
        transactions_link=f"/transaction?{urlencode(parameters, errors='replace')}",
        failed_link=f"/transaction?{urlencode(parameters | {'failed': '1'}, errors='replace')}" if node.failed else "",
    )


def _investigation_parameters(node: Node, ref: NodeRef, query: MapQuery) -> str:
    """Return the query string of the pages Performance and Failures; empty for kinds without such pages."""
    if node.kind == "role":
        parameters = {"role": ref.name}
    elif node.kind == "dependency":
        parameters = {"tab": "dependencies", "type": ref.dependency_type, "target": ref.name}
    else:
        return ""
    return urlencode({**query.time.parameters, **parameters}, errors="replace")


def _instances(node: Node, instances: Iterable[InstanceRow]) -> tuple[InstanceRow, ...]:
    """Return the instances of a role, most requests first."""
    own = (instance for instance in instances if node.kind == "role" and instance.role == node.name)
    return tuple(sorted(own, key=lambda instance: (-instance.statistics.calls, instance.name))[:MAX_INSTANCES])


def _kind_label(node: Node) -> str:
    if node.kind == "dependency":
        return f"{node.type} dependency" if node.type else "dependency"
    if node.folded:
        return "summed up, because the map is very large and these have the fewest calls"
    if node.kind == "group":
        return "dependencies of one type that the same components call"
    if node.kind != "role":
        return _KIND_LABELS[node.kind]
    if not node.instances:
        return "service"
    return f"service · {node.instances:,} instance{'' if node.instances == 1 else 's'}"


def _peer_rows(ends: Iterable[tuple[str, Edge]], nodes: Mapping[str, Node], query: MapQuery) -> tuple[PeerRow, ...]:
    ordered = sorted(ends, key=lambda end: (-end[1].calls, end[0]))
    return tuple(
        PeerRow(nodes[other].name, replace(query, node=other).link(), edge, level(edge.failed_percent))
        for other, edge in ordered[:MAX_PEERS]
    )


def _duration_chart(points: Sequence[TimelinePoint], time_range: TimeRange) -> Markup | None:
    """Draw p50 and p95 over the time range; return None if no call has a duration."""
    if not any(point.statistics.buckets for point in points):
        return None

    def percentile(name: str, colour: Colour, share: float) -> Series:
        return timeline_series(
            points, time_range, name, colour, lambda statistics: statistics.percentile_ms(share), steps=CHART_STEPS
        )

    p95, p50 = percentile("p95", "orange", 0.95), percentile("p50", "blue", 0.5)
    return line_chart(time_range, (p95, p50), DURATIONS, label="Duration over time", height_px=_CHART_HEIGHT_PX)


def _slowest(operations: Sequence[Group]) -> tuple[OperationRow, ...]:
    timed = [
        (p95, _name(group), group.statistics)
        for group in operations
        if (p95 := group.statistics.percentile_ms(0.95)) is not None
    ]
    return tuple(
        OperationRow(name, duration(p95), f"{served.calls:,} calls, average {duration(served.average_ms)}")
        for p95, name, served in sorted(timed, key=lambda operation: (-operation[0], operation[1]))[:MAX_OPERATION_ROWS]
    )


def _failing(operations: Sequence[Group]) -> tuple[OperationRow, ...]:
    failed = [(_name(group), group.statistics) for group in operations if group.statistics.failed]
    ordered = sorted(failed, key=lambda operation: (-operation[1].failed, operation[0]))
    return tuple(
        OperationRow(name, f"{served.failed:,} of {served.calls:,}", f"{served.failed_percent:.1f} % failed")
        for name, served in ordered[:MAX_OPERATION_ROWS]
    )


def _name(operation: Group) -> str:
    return operation.selection.name or ""
