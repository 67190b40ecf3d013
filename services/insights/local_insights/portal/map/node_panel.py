"""The side panel of one node: how it does, whom it calls, who calls it, and where to look further."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from markupsafe import Markup

from local_insights.model.application_map import ApplicationMap, Edge, Node
from local_insights.model.call_rows import CallRows, InstanceRow
from local_insights.model.health import Level, level
from local_insights.model.selection import Group, NodeRef, TimelinePoint
from local_insights.model.time_range import TimeRange
from local_insights.portal.charts.axis import DURATIONS
from local_insights.portal.charts.time_chart import line_chart
from local_insights.portal.formats import duration
from local_insights.portal.map.node_answers import NodeAnswers
from local_insights.portal.map.query import MapQuery
from local_insights.portal.series import series_of
from local_insights.portal.transaction.newest import TransactionRow, transaction_row

ROWS = 5
"""Operations that each list of the panel shows."""

MOST_INSTANCES, MOST_MEMBERS, MOST_NEIGHBOURS = 50, 200, 50
"""Rows of the other lists; the busiest come first, and the table view has every neighbour."""

_CHART_HEIGHT_PX = 96

_KIND_LABELS = {
    "client": "whoever calls from outside the traced services",
    "browser": "browser · figures are those of its page views",
    "availability": "availability test",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One row of "calls to" or "called by"; the figures are those of the connector."""

    name: str
    link: str
    edge: Edge
    level: Level


@dataclass(frozen=True, slots=True)
class OperationLine:
    """An operation with the figure it is listed for."""

    name: str
    figure: str
    hint: str


@dataclass(frozen=True, slots=True)
class Member:
    """One dependency of a group; its link shows the group's members apart."""

    link: str
    node: Node
    level: Level


@dataclass(frozen=True, slots=True)
class NodePanel:
    """What the panel shows of a node.

    A node that is not on the map of this time range (any more) has a name and nothing else; `node` is None then.
    `instances` are those of a role; `members` those of a group, which `apart_link` shows apart.
    """

    name: str
    kind_label: str
    close_link: str
    node: Node | None = None
    level: Level = Level.OK
    chart: Markup | None = None
    calls_to: tuple[Neighbour, ...] = ()
    called_by: tuple[Neighbour, ...] = ()
    instances: tuple[InstanceRow, ...] = ()
    members: tuple[Member, ...] = ()
    apart_link: str = ""
    slowest: tuple[OperationLine, ...] = ()
    failing: tuple[OperationLine, ...] = ()
    transactions: tuple[TransactionRow, ...] = ()
    performance_link: str = ""
    failures_link: str = ""
    transactions_link: str = ""
    failed_link: str = ""


def node_panel(
    answers: NodeAnswers | None, rows: CallRows, whole: ApplicationMap, shown: ApplicationMap, query: MapQuery
) -> NodePanel:
    """Collect the panel of `query.node`, a node of the whole map or a group that is shown.

    The whole map is that of the rows; the answers are about the node, None for one that the store knows nothing of.
    """
    close_link = query.without_node().link()
    source = next((part for part in (whole, shown) if query.node in {node.id for node in part.nodes}), None)
    if source is None:
        name = query.node.partition(":")[2] or query.node
        return NodePanel(name=name, kind_label=f"not on the map in {query.time.label}", close_link=close_link)
    nodes = {node.id: node for node in source.nodes}
    node = nodes[query.node]
    panel = NodePanel(
        name=node.name,
        kind_label=_kind_label(node),
        close_link=close_link,
        node=node,
        level=level(node.failed_percent),
        calls_to=_neighbours(((edge.target, edge) for edge in source.edges if edge.source == node.id), nodes, query),
        called_by=_neighbours(((edge.source, edge) for edge in source.edges if edge.target == node.id), nodes, query),
        instances=_instances(node, rows.instances),
    )
    if node.members:
        return _with_members(panel, node, whole, query)
    return panel if answers is None else _with_answers(panel, node, answers, query)


def _with_members(panel: NodePanel, group: Node, whole: ApplicationMap, query: MapQuery) -> NodePanel:
    apart = replace(query, expanded=(*query.expanded, group.id), node="")
    nodes = sorted(
        (node for node in whole.nodes if node.id in set(group.members)), key=lambda node: (-node.calls, node.id)
    )
    return replace(
        panel,
        members=tuple(
            Member(replace(apart, node=node.id).link(), node, level(node.failed_percent))
            for node in nodes[:MOST_MEMBERS]
        ),
        apart_link=apart.link(),
    )


def _with_answers(panel: NodePanel, node: Node, answers: NodeAnswers, query: MapQuery) -> NodePanel:
    parameters = {**query.time.parameters, "node": node.id}
    investigated = _investigated(node, answers.subject, query)
    return replace(
        panel,
        performance_link=f"/performance?{investigated}" if investigated else "",
        failures_link=f"/failures?{investigated}" if investigated else "",
        chart=_duration_chart(answers.trend, query.time.time_range),
        slowest=_slowest(answers.operations),
        failing=_failing(answers.operations),
        transactions=tuple(transaction_row(summary) for summary in answers.recent),
        transactions_link=f"/transaction?{urlencode(parameters, errors='replace')}",
        failed_link=f"/transaction?{urlencode(parameters | {'failed': '1'}, errors='replace')}" if node.failed else "",
    )


def _investigated(node: Node, subject: NodeRef, query: MapQuery) -> str:
    """What the pages about performance and failures are asked for; empty where they have nothing to say."""
    if node.kind == "role":
        parameters = {"role": subject.name}
    elif node.kind == "dependency":
        parameters = {"tab": "dependencies", "type": subject.dependency_type, "target": subject.name}
    else:
        return ""
    return urlencode({**query.time.parameters, **parameters}, errors="replace")


def _instances(node: Node, instances: Iterable[InstanceRow]) -> tuple[InstanceRow, ...]:
    """The instances of a role, those first that served most."""
    its_own = (instance for instance in instances if node.kind == "role" and instance.role == node.name)
    return tuple(sorted(its_own, key=lambda instance: (-instance.statistics.calls, instance.name))[:MOST_INSTANCES])


def _kind_label(node: Node) -> str:
    if node.kind == "dependency":
        return f"{node.type} dependency" if node.type else "dependency"
    if node.kind == "group":
        return "dependencies of one type that the same components call"
    if node.kind != "role":
        return _KIND_LABELS[node.kind]
    if not node.instances:
        return "service"
    return f"service · {node.instances:,} instance{'' if node.instances == 1 else 's'}"


def _neighbours(ends: Iterable[tuple[str, Edge]], nodes: Mapping[str, Node], query: MapQuery) -> tuple[Neighbour, ...]:
    ordered = sorted(ends, key=lambda end: (-end[1].calls, end[0]))
    return tuple(
        Neighbour(nodes[other].name, replace(query, node=other).link(), edge, level(edge.failed_percent))
        for other, edge in ordered[:MOST_NEIGHBOURS]
    )


def _duration_chart(points: Sequence[TimelinePoint], time_range: TimeRange) -> Markup | None:
    """p50 and p95 over the time range; None when no call has a duration, for empty axes say nothing."""
    p95 = series_of(points, time_range, "p95", "orange", lambda served: served.percentile_ms(0.95))
    p50 = series_of(points, time_range, "p50", "blue", lambda served: served.percentile_ms(0.5))
    if not any(point.statistics.buckets for point in points):
        return None
    return line_chart(time_range, (p95, p50), DURATIONS, label="Duration over time", height_px=_CHART_HEIGHT_PX)


def _slowest(operations: Sequence[Group]) -> tuple[OperationLine, ...]:
    timed = [
        (p95, _name(group), group.statistics)
        for group in operations
        if (p95 := group.statistics.percentile_ms(0.95)) is not None
    ]
    return tuple(
        OperationLine(name, duration(p95), f"{served.calls:,} calls, average {duration(served.average_ms)}")
        for p95, name, served in sorted(timed, key=lambda operation: (-operation[0], operation[1]))[:ROWS]
    )


def _failing(operations: Sequence[Group]) -> tuple[OperationLine, ...]:
    failed = [(_name(group), group.statistics) for group in operations if group.statistics.failed]
    return tuple(
        OperationLine(name, f"{served.failed:,} of {served.calls:,}", f"{served.failed_percent:.1f} % failed")
        for name, served in sorted(failed, key=lambda operation: (-operation[1].failed, operation[0]))[:ROWS]
    )


def _name(operation: Group) -> str:
    return operation.selection.name or ""
