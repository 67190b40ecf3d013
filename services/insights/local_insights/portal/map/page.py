"""The page `/map`: the drawing or the table, and beside it the panel of the selected node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from markupsafe import Markup

from local_insights.model.application_map import ApplicationMap, Edge, Node
from local_insights.model.health import Level, level
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.map.filter_query import FORMS, FilterForm, describe_filter
from local_insights.portal.map.node_panel import NodePanel
from local_insights.portal.map.query import MapQuery
from local_insights.portal.page_layout import Choice, PageLayout

MOST_ROWS = 1_000
"""Rows of either table; the JSON twin has them all."""


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
    """Something that narrows or widens the map, in words, with the address of the map without it."""

    label: str
    removal_link: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """The page `/map`.

    `drawing` is the map as SVG markup, None in the table view and when there is nothing to draw. `edges` and `nodes`
    are the rows of the table view, `names` the suggestions of the focus box. `format_links` link to the same map in
    other formats. `unknown_focus` is true when no node matches the focus box, so that the whole map is shown.
    `too_large` is true when there are more nodes than can be drawn, so that the table stands in for the map;
    `is_filtered_out` when the filters have left nothing of a map.
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
    unknown_focus: bool
    too_large: bool = False
    is_filtered_out: bool = False
    filter_forms: tuple[FilterForm, ...] = FORMS

    @property
    def is_table(self) -> bool:
        """Whether rows are shown, by choice or because there is too much to draw."""
        return self.query.view == "table" or self.too_large

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The filters in force and the groups that are shown apart."""
        filters = (
            Chip(describe_filter(map_filter), self.query.without_filter(index).link())
            for index, map_filter in enumerate(self.query.filters)
        )
        groups = (
            Chip(
                f"{describe_group(group)} shown apart",
                replace(self.query, expanded=tuple(other for other in self.query.expanded if other != group)).link(),
            )
            for group in self.query.expanded
        )
        return *filters, *groups

    @property
    def grouping_choices(self) -> tuple[Choice, ...]:
        """When like dependencies are drawn as one."""
        words = {"auto": "when large", "always": "always", "never": "never"}
        return tuple(Choice(value, text, value == self.query.grouping) for value, text in words.items())

    @property
    def unfiltered_link(self) -> str:
        """This page without filters."""
        return replace(self.query, filters=()).link()

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
    def format_links(self) -> Mapping[str, str]:
        """Addresses of the same map in other formats."""
        paths = {"SVG": "/map.svg", "Mermaid": "/map.mmd", "DOT": "/map.dot", "Text": "/map.txt", "JSON": "/map.json"}
        return {name: self.query.link(path) for name, path in paths.items()}


def map_page_layout(query: MapQuery) -> PageLayout:
    """The frame of the map page; a change of the time range keeps the rest of the page's state."""
    return PageLayout("Application map", "map", "/map", query.time, query.preserved_params)


def edge_rows(shown: ApplicationMap, query: MapQuery) -> tuple[EdgeRow, ...]:
    """The table of calls, the worst first, then the most; at most `MOST_ROWS`."""
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
        for edge in ordered[:MOST_ROWS]
    )


def node_rows(nodes: Sequence[Node], query: MapQuery) -> tuple[NodeRow, ...]:
    """The table of components, the worst first, then the busiest; at most `MOST_ROWS`."""
    ordered = sorted(nodes, key=lambda node: (-node.failed_percent, -node.calls, node.id))
    return tuple(
        NodeRow(replace(query, node=node.id).link(), _kind(node), node, level(node.failed_percent))
        for node in ordered[:MOST_ROWS]
    )


def describe_group(group: str) -> str:
    """What the id of a group says: `HTTP called by orders, payments`."""
    kind, _, callers = group.partition(":")[2].partition("|")
    return f"{unquote(kind) or 'dependencies'} called by {', '.join(map(unquote, callers.split(',')))}"


def _kind(node: Node) -> str:
    if node.kind in ("dependency", "group"):
        return node.type or "dependency"
    return {"role": "service", "availability": "availability test"}.get(node.kind, node.kind)
