"""The page `/map`: the drawing or the table, and beside it the panel of the selected node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from markupsafe import Markup

from local_insights.model.application_map import ApplicationMap, Edge, Node
from local_insights.model.health import Level, level
from local_insights.portal.formats import moment
from local_insights.portal.frame import Frame, since_reaching
from local_insights.portal.map_query import MapQuery
from local_insights.portal.node_panel import NodePanel
from local_insights.portal.time_query import since_words
from local_insights.store.contract import Holdings

INSTRUMENTATION_KEY = "00000000-0000-0000-0000-000000000000"
"""SDKs refuse a connection string without a key; which key it is makes no difference here."""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What to show when there is nothing to draw: what is missing, and how to get it.

    `older_link` leads to a time range that does hold telemetry, empty when there is none at all.
    """

    title: str
    explanation: str
    connection_string: str
    older_link: str = ""
    older_words: str = ""


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One row of the table of calls."""

    source: str
    source_link: str
    target: str
    target_link: str
    type: str
    edge: Edge
    level: Level


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One row of the table of components."""

    link: str
    kind: str
    node: Node
    level: Level


@dataclass(frozen=True, slots=True)
class MapPage:
    """The page `/map`.

    `drawing` is the map as SVG markup, None in the table view and when there is nothing to draw; `edges` and `nodes`
    are the table view's rows; `names` are offered for the focus box; `twins` are the same map in other formats, by
    name. `unknown_focus` is true when no node answers to the words in the focus box, so that the whole map is shown.
    """

    frame: Frame
    query: MapQuery
    drawing: Markup | None
    edges: tuple[EdgeRow, ...]
    nodes: tuple[NodeRow, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    panel: NodePanel | None
    empty: EmptyState | None
    unknown_focus: bool

    @property
    def map_link(self) -> str:
        """This page, as a map."""
        return replace(self.query, view="map").link()

    @property
    def table_link(self) -> str:
        """This page, as a table."""
        return replace(self.query, view="table").link()

    @property
    def unfocused_link(self) -> str:
        """This page with the whole map."""
        return replace(self.query, focus="", hops=1).link()

    @property
    def twins(self) -> Mapping[str, str]:
        """Addresses of the same map in other formats."""
        paths = {"SVG": "/map.svg", "Mermaid": "/map.mmd", "DOT": "/map.dot", "Text": "/map.txt", "JSON": "/map.json"}
        return {name: self.query.link(path) for name, path in paths.items()}


def map_frame(query: MapQuery) -> Frame:
    """The frame of the map page; a change of the time range keeps the rest of the page's state."""
    kept: dict[str, str] = {"view": query.view} if query.view != "map" else {}
    kept |= {"focus": query.focus, "hops": str(query.hops)} if query.focus else {}
    kept |= {"node": query.node} if query.node else {}
    return Frame("Application map", "map", "/map", query.time, kept)


def edge_rows(shown: ApplicationMap, query: MapQuery) -> tuple[EdgeRow, ...]:
    """The table of calls, the worst first, then the most."""
    nodes = {node.id: node for node in shown.nodes}
    ordered = sorted(shown.edges, key=lambda edge: (-edge.failed_percent, -edge.calls, edge.source, edge.target))
    return tuple(
        EdgeRow(
            source=nodes[edge.source].name,
            source_link=replace(query, node=edge.source).link(),
            target=nodes[edge.target].name,
            target_link=replace(query, node=edge.target).link(),
            type=nodes[edge.target].type or "",
            edge=edge,
            level=level(edge.failed_percent),
        )
        for edge in ordered
    )


def node_rows(nodes: Sequence[Node], query: MapQuery) -> tuple[NodeRow, ...]:
    """The table of components, the worst first, then the busiest."""
    ordered = sorted(nodes, key=lambda node: (-node.failed_percent, -node.calls, node.id))
    return tuple(
        NodeRow(replace(query, node=node.id).link(), _kind(node), node, level(node.failed_percent)) for node in ordered
    )


def _kind(node: Node) -> str:
    return {"role": "service", "client": "client", "dependency": node.type or "dependency"}[node.kind]


def empty_state(query: MapQuery, holdings: Holdings, server: str, now: datetime) -> EmptyState:
    """Say why there is no map. `server` is the address under which the reader reached this server."""
    connection_string = f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint={server};LiveEndpoint={server}"
    range_words = query.time.words
    if holdings.newest_us is None:
        return EmptyState(
            "No telemetry yet", "The map draws itself as soon as a first request arrives.", connection_string
        )
    newest = datetime.fromtimestamp(holdings.newest_us / 1_000_000, UTC)
    within = query.time.time_range.start <= newest
    explanation = (
        f"{holdings.items:,} items are stored, but none of this time is a request or a call of a dependency."
        if within
        else f"{holdings.items:,} items are stored; the newest is of {moment(holdings.newest_us)[:16]} UTC."
    )
    oldest_us = holdings.newest_us if holdings.oldest_us is None else holdings.oldest_us
    reach_us = holdings.newest_us if not within else oldest_us
    since = since_reaching(max(now - datetime.fromtimestamp(reach_us / 1_000_000, UTC), timedelta()))
    link = f"/map?{urlencode({'since': since})}"
    return EmptyState(
        f"No requests in {range_words}", explanation, connection_string, link, f"Look at {since_words(since)}"
    )
