"""The content of the page `/map`: the drawing or the table, and the panel of the selected node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from markupsafe import Markup

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import Level, level
from local_insights.model.map_elements import Edge, Node
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.map.filter_query import FORMS, FilterForm, describe_filter
from local_insights.portal.map.node_panel import NodePanel
from local_insights.portal.map.query import MapQuery
from local_insights.portal.page_layout import Choice, PageLayout

MAX_ROWS = 1_000
"""Maximum rows of each table; the JSON has all."""


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
class Chip:
    """An active filter or an expanded group, with the URL of the page without it."""

    label: str
    remove_link: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """The page `/map`.

    - `drawing`: the map as SVG markup; None in the table view and for an empty map.
    - `edges`, `nodes`: the rows of the table view.
    - `names`: the suggestions of the focus box.
    - `is_focus_unknown`: no node matches the focus box; the whole map is shown.
    - `is_too_large`: the map has too many nodes for a drawing; the table is shown.
    - `is_filtered_out`: the map is not empty, but no node matches the filters.
    """

    layout: PageLayout
    query: MapQuery
    drawing: Markup | None
    edges: tuple[EdgeRow, ...]
    nodes: tuple[NodeRow, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    panel: NodePanel | None
    empty: EmptyState | None
    is_focus_unknown: bool
    is_too_large: bool = False
    is_filtered_out: bool = False
    filter_forms: tuple[FilterForm, ...] = FORMS

    @property
    def is_table(self) -> bool:
        """True if the table is shown, as requested or because the map is too large for a drawing."""
        return self.query.view == "table" or self.is_too_large

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The active filters and the expanded groups."""
        filters = (
            Chip(describe_filter(map_filter), self.query.without_filter(index).link())
            for index, map_filter in enumerate(self.query.filters)
        )
        groups = (
            Chip(
                f"{describe_group(group)}: not grouped",
                replace(self.query, expanded=tuple(other for other in self.query.expanded if other != group)).link(),
            )
            for group in self.query.expanded
        )
        return *filters, *groups

    @property
    def grouping_choices(self) -> tuple[Choice, ...]:
        """The options of the setting that groups dependencies."""
        labels = {"auto": "when large", "always": "always", "never": "never"}
        return tuple(Choice(value, label, value == self.query.grouping) for value, label in labels.items())

    @property
    def unfiltered_link(self) -> str:
        """The URL of the page without filters."""
        return replace(self.query, filters=()).link()

    @property
    def map_link(self) -> str:
        """The URL of the page with the drawing."""
        return replace(self.query, view="map").link()

    @property
    def table_link(self) -> str:
        """The URL of the page with the table."""
        return replace(self.query, view="table").link()

    @property
    def unfocused_link(self) -> str:
        """The URL of the page without a focus."""
        return replace(self.query, focus="", hops=1).link()

    @property
    def format_links(self) -> Mapping[str, str]:
        """The URLs of the same map in other formats, by name of the format."""
        paths = {"SVG": "/map.svg", "Mermaid": "/map.mmd", "DOT": "/map.dot", "Text": "/map.txt", "JSON": "/map.json"}
        return {name: self.query.link(path) for name, path in paths.items()}


def edge_rows(app_map: ApplicationMap, query: MapQuery) -> tuple[EdgeRow, ...]:
    """Return the table of calls, highest failed percentage first, then most calls; at most `MAX_ROWS`."""
    nodes = {node.id: node for node in app_map.nodes}
    ordered = sorted(app_map.edges, key=lambda edge: (-edge.failed_percent, -edge.calls, edge.source, edge.target))
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
        for edge in ordered[:MAX_ROWS]
    )


def node_rows(nodes: Sequence[Node], query: MapQuery) -> tuple[NodeRow, ...]:
    """Return the table of components, highest failed percentage first, then most calls; at most `MAX_ROWS`."""
    ordered = sorted(nodes, key=lambda node: (-node.failed_percent, -node.calls, node.id))
    return tuple(
        NodeRow(replace(query, node=node.id).link(), _kind(node), node, level(node.failed_percent))
        for node in ordered[:MAX_ROWS]
    )


def describe_group(group: str) -> str:
    """Return the label of a group id: `HTTP called by orders, payments`."""
    kind, _, callers = group.partition(":")[2].partition("|")
    return f"{unquote(kind) or 'dependencies'} called by {', '.join(map(unquote, callers.split(',')))}"


def _kind(node: Node) -> str:
    if node.kind in ("dependency", "group"):
        return node.type or "dependency"
    return {"role": "service", "availability": "availability test"}.get(node.kind, node.kind)
