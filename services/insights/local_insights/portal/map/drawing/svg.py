"""The map as SVG, for the page, for files, and for the command line.

The drawing for the page (`theme="page"`) uses the page's custom properties `--canvas --surface --border --text --muted
--ok --warning --error --accent --edge` as colours and has no styles of its own. Style sheets and scripts use these
classes, with LEVEL one of ok, warning, error:

    svg.map.map-roomy | .map-compact | .map-dense
      g.edges    g.edge.edge-LEVEL[data-source][data-target]           path.edge-line, path.edge-arrow, title
      g.nodes    a.node.node-KIND.node-LEVEL[.selected][data-node]     g.node-disc, rect.node-plate, text.node-name,
                                                                       text.node-summary, text.node-badge, title
      g.labels   g.edge-label.edge-label-LEVEL[data-source][data-target]
                                                                       g.label-whole, g.label-short (failing ones)

`data-x` and `data-y` are the centre of a node. `label-short` is for small zooms and has `display="none"`.
"""

from collections.abc import Callable, Iterable
from urllib.parse import quote
from xml.etree.ElementTree import tostring

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import Level
from local_insights.model.layout import Layout
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.density import density
from local_insights.portal.map.drawing.edge_labels import EdgeLabel, edge_labels
from local_insights.portal.map.drawing.edge_shape import EdgeShape, edge_shapes
from local_insights.portal.map.drawing.edge_svg import draw_edge, draw_label
from local_insights.portal.map.drawing.frame_svg import svg_root
from local_insights.portal.map.drawing.layout import map_layout
from local_insights.portal.map.drawing.node_shape import NodeShape, node_shape
from local_insights.portal.map.drawing.node_svg import draw_node
from local_insights.portal.map.drawing.palette import Theme
from local_insights.portal.map.drawing.svg_writer import SvgWriter
from local_insights.portal.map.labels import node_title


def node_link(node_id: str) -> str:
    """Return the URL of the map with the panel of a node."""
    return f"/map?node={quote(node_id, safe='', errors='replace')}"


def map_svg(
    app_map: ApplicationMap,
    *,
    theme: Theme,
    selected: str | None = None,
    layout: Layout | None = None,
    link: Callable[[str], str] = node_link,
) -> str:
    """Draw a map.

    Args:
        app_map: the map.
        theme: "light" and "dark" return a standalone drawing; "page" returns a drawing for the portal's page, in which
            nodes are links.
        selected: the id of the node whose panel is open.
        layout: the positions of the nodes; computed if not set.
        link: returns the URL of a node's link for a node id.
    """
    sizes = density(len(app_map.nodes))
    positions = layout or map_layout(app_map)
    nodes = {node.id: node_shape(node, positions.points[node.id], sizes) for node in app_map.nodes}
    edges = edge_shapes(app_map.edges, positions, nodes, sizes)
    occupied = [box for shape in nodes.values() for box in (shape.disc_box.grown(2), shape.text_box)]
    labels = edge_labels(edges, occupied, sizes)

    writer = SvgWriter(theme, sizes)
    root = svg_root(writer, app_map, _extent(nodes.values(), edges, labels))
    edge_group = writer.group(root, "edges", fill="none", aria_hidden="true")
    titles = {node.id: node_title(node) for node in app_map.nodes}
    for edge in edges:
        draw_edge(writer, edge_group, edge, titles)
    node_group = writer.group(root, "nodes")
    # At small zooms names overlap other nodes. Failing nodes are drawn last, so that their names remain legible.
    for shape in sorted(nodes.values(), key=lambda shape: (shape.level is Level.ERROR, shape.centre)):
        draw_node(writer, node_group, shape, link, is_selected=shape.node.id == selected)
    label_group = writer.group(root, "labels", text_anchor="middle", aria_hidden="true")
    for label in labels:
        draw_label(writer, label_group, label)
    return tostring(root, encoding="unicode")


def _extent(nodes: Iterable[NodeShape], edges: Iterable[EdgeShape], labels: Iterable[EdgeLabel]) -> Box:
    """Return the bounding box of all elements."""
    boxes = [shape.box for shape in nodes] + [label.box for label in labels]
    boxes += [edge.curve.box for edge in edges]
    return Box(
        min((box.left for box in boxes), default=0),
        min((box.top for box in boxes), default=0),
        max((box.right for box in boxes), default=0),
        max((box.bottom for box in boxes), default=0),
    )
