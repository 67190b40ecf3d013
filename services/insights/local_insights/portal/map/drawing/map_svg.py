"""The map as SVG: one drawing for the page, for files, and for the command line.

The page's drawing (`theme="page"`) takes its colours from the page's custom properties `--canvas --surface --border
--text --muted --ok --warning --error --accent --edge` and has no style of its own. Its classes, for style sheets and
scripts, with LEVEL one of ok, warning, error:

    svg.map.map-roomy | .map-compact | .map-dense
      g.edges    g.edge.edge-LEVEL[data-source][data-target]           path.edge-line, path.edge-arrow, title
      g.nodes    a.node.node-KIND.node-LEVEL[.selected][data-node]     g.node-disc, rect.node-plate, text.node-name,
                                                                       text.node-figures, text.node-badge, title
      g.labels   g.edge-label.edge-label-LEVEL[data-source][data-target]
                                                                       g.label-whole, g.label-short (failing ones)

`data-x` and `data-y` of a node give its centre. `label-short` is there for small zooms and has `display="none"`.
"""

from collections.abc import Callable, Iterable
from urllib.parse import quote
from xml.etree.ElementTree import tostring

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import DEFAULT_THRESHOLDS, Level, Thresholds
from local_insights.model.layout import Layout
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.density import density
from local_insights.portal.map.drawing.edge_labels import EdgeLabel, edge_labels
from local_insights.portal.map.drawing.edge_shape import EdgeShape, edge_shapes
from local_insights.portal.map.drawing.map_layout import map_layout
from local_insights.portal.map.drawing.node_shape import NodeShape, node_shape
from local_insights.portal.map.drawing.palette import Theme
from local_insights.portal.map.drawing.svg_brush import Brush
from local_insights.portal.map.drawing.svg_edge import paint_edge, paint_label
from local_insights.portal.map.drawing.svg_frame import framed
from local_insights.portal.map.drawing.svg_node import paint_node
from local_insights.portal.map.labels import node_title


def node_link(node_id: str) -> str:
    """The address of the map with a node's panel open."""
    return f"/map?node={quote(node_id, safe='', errors='replace')}"


def map_svg(  # noqa: PLR0913 - one map, and five ways to look at it
    shown: ApplicationMap,
    *,
    theme: Theme,
    selected: str | None = None,
    layout: Layout | None = None,
    link: Callable[[str], str] = node_link,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> str:
    """Draw a map.

    Args:
        shown: the map.
        theme: "light" and "dark" give a drawing that stands alone; "page" one to be put into the portal's page, in
            which nodes are links.
        selected: the id of the node whose panel is open.
        layout: where the nodes stand; worked out anew without it.
        link: the address that a node leads to, given its id.
        thresholds: from which share of failed calls on a part is drawn as bad.
    """
    sizes = density(len(shown.nodes))
    places = layout or map_layout(shown)
    nodes = {node.id: node_shape(node, places.points[node.id], sizes, thresholds) for node in shown.nodes}
    edges = edge_shapes(shown.edges, places, nodes, sizes, thresholds)
    occupied = [box for shape in nodes.values() for box in (shape.disc_box.grown(2), shape.text_box)]
    labels = edge_labels(edges, occupied, sizes)

    brush = Brush(theme, sizes)
    root = framed(brush, shown, _extent(nodes.values(), edges, labels), thresholds)
    lines = brush.group(root, "edges", fill="none", aria_hidden="true")
    titles = {node.id: node_title(node) for node in shown.nodes}
    for edge in edges:
        paint_edge(brush, lines, edge, titles)
    discs = brush.group(root, "nodes")
    # From afar names lie over other nodes: those of failing ones stay legible when they are painted last.
    for shape in sorted(nodes.values(), key=lambda shape: (shape.level is Level.ERROR, shape.centre)):
        paint_node(brush, discs, shape, link, is_selected=shape.node.id == selected)
    figures = brush.group(root, "labels", text_anchor="middle", aria_hidden="true")
    for label in labels:
        paint_label(brush, figures, label)
    return tostring(root, encoding="unicode")


def _extent(nodes: Iterable[NodeShape], edges: Iterable[EdgeShape], labels: Iterable[EdgeLabel]) -> Box:
    """The smallest rectangle round everything."""
    boxes = [shape.box for shape in nodes] + [label.box for label in labels]
    boxes += [edge.curve.box for edge in edges]
    return Box(
        min((box.left for box in boxes), default=0),
        min((box.top for box in boxes), default=0),
        max((box.right for box in boxes), default=0),
        max((box.bottom for box in boxes), default=0),
    )
