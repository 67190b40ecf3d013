"""The side panel of one node: how it does, whom it calls, who calls it, and where to look further."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from local_insights.model.application_map import ApplicationMap, Edge, Node
from local_insights.model.health import Level, level
from local_insights.model.node_id import dependency_of, role_of
from local_insights.portal.duration_chart import STEPS, DurationChart, duration_chart
from local_insights.portal.formats import duration
from local_insights.portal.map_query import MapQuery
from local_insights.portal.transaction_list import TransactionRow, transaction_row
from local_insights.store.contract import OperationRow, Store, Subject

ROWS = 5
"""Operations and transactions that each list of the panel shows."""


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
class NodePanel:
    """What the panel shows of a node.

    A node that is not on the map of this time range (any more) has a name and nothing else; `node` is None then.
    """

    name: str
    kind_words: str
    close_link: str
    node: Node | None = None
    level: Level = Level.OK
    chart: DurationChart | None = None
    calls_to: tuple[Neighbour, ...] = ()
    called_by: tuple[Neighbour, ...] = ()
    slowest: tuple[OperationLine, ...] = ()
    failing: tuple[OperationLine, ...] = ()
    transactions: tuple[TransactionRow, ...] = ()
    transactions_link: str = ""
    failed_link: str = ""


def subject_of(node_id: str) -> Subject | None:
    """What the store is asked about for a node; None for clients and for ids of no kind."""
    if role := role_of(node_id):
        return Subject("role", role)
    if dependency := dependency_of(node_id):
        return Subject("dependency", dependency.target, dependency.type)
    return None


def node_panel(store: Store, whole: ApplicationMap, query: MapQuery) -> NodePanel:
    """Collect the panel of `query.node`. Blocks on the store's answers.

    Raises:
        QuestionTooLargeError: the store could not answer within its limit.
    """
    close_link = query.without_node().link()
    node = next((node for node in whole.nodes if node.id == query.node), None)
    if node is None:
        name = query.node.partition(":")[2] or query.node
        return NodePanel(name=name, kind_words=f"not on the map in {query.time.words}", close_link=close_link)
    names = {other.id: other.name for other in whole.nodes}
    panel = NodePanel(
        name=node.name,
        kind_words=_kind_words(node),
        close_link=close_link,
        node=node,
        level=level(node.failed_percent),
        calls_to=_neighbours(((edge.target, edge) for edge in whole.edges if edge.source == node.id), names, query),
        called_by=_neighbours(((edge.source, edge) for edge in whole.edges if edge.target == node.id), names, query),
    )
    subject = subject_of(node.id)
    if subject is None:
        return panel
    time_range = query.time.time_range
    operations = store.operations(subject, time_range)
    recent = store.recent_operations(time_range, ROWS, subject)
    parameters = {**query.time.parameters, "node": node.id}
    return replace(
        panel,
        chart=duration_chart(store.timeline(subject, time_range, STEPS), time_range),
        slowest=_slowest(operations),
        failing=_failing(operations),
        transactions=tuple(transaction_row(summary) for summary in recent),
        transactions_link=f"/transaction?{urlencode(parameters, errors='replace')}",
        failed_link=f"/transaction?{urlencode(parameters | {'failed': '1'}, errors='replace')}" if node.failed else "",
    )


def _kind_words(node: Node) -> str:
    if node.kind == "client":
        return "whoever calls from outside the traced services"
    if node.kind == "dependency":
        return f"{node.type} dependency" if node.type else "dependency"
    if not node.instances:
        return "service"
    return f"service · {node.instances:,} instance{'' if node.instances == 1 else 's'}"


def _neighbours(ends: Iterable[tuple[str, Edge]], names: dict[str, str], query: MapQuery) -> tuple[Neighbour, ...]:
    ordered = sorted(ends, key=lambda end: (-end[1].calls, end[0]))
    return tuple(
        Neighbour(names[other], replace(query, node=other).link(), edge, level(edge.failed_percent))
        for other, edge in ordered
    )


def _slowest(operations: Sequence[OperationRow]) -> tuple[OperationLine, ...]:
    timed = [(p95, row) for row in operations if (p95 := row.served.percentile_ms(0.95)) is not None]
    ordered = sorted(timed, key=lambda pair: (-pair[0], pair[1].name))[:ROWS]
    return tuple(
        OperationLine(row.name, duration(p95), f"{row.served.calls:,} calls, average {duration(row.served.average_ms)}")
        for p95, row in ordered
    )


def _failing(operations: Sequence[OperationRow]) -> tuple[OperationLine, ...]:
    failed = sorted((row for row in operations if row.served.failed), key=lambda row: (-row.served.failed, row.name))
    return tuple(
        OperationLine(
            row.name, f"{row.served.failed:,} of {row.served.calls:,}", f"{row.served.failed_percent:.1f} % failed"
        )
        for row in failed[:ROWS]
    )
