"""Nodes as SVG."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from local_insights.model.health import Level
from local_insights.model.layout import Point
from local_insights.portal.formats import percent
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.node_shape import NodeShape, ring_arcs
from local_insights.portal.map.drawing.svg_brush import Brush
from local_insights.portal.map.icons import icon, icon_path
from local_insights.portal.map.labels import node_figures, node_title, plain

_FAILED_ARC_EXTRA = 2.5
_KINDS = {"role": "service", "availability": "availability test"}


def paint_node(
    brush: Brush, parent: Element, shape: NodeShape, link: Callable[[str], str], *, is_selected: bool
) -> None:
    """Add a node; on the page it is a link to its panel.

    The link's accessible name starts with the visible words in their order, so that what is said and what is seen
    agree (WCAG 2.5.3, label in name).
    """
    node = shape.node
    group = brush.group(parent, f"node node-{node.kind} node-{shape.level}{' selected' if is_selected else ''}")
    if brush.is_page:
        group.tag = "a"
        group.attrib |= {
            "href": link(node.id),
            "data-node": plain(node.id),
            "data-x": number(shape.centre.x),
            "data-y": number(shape.centre.y),
            "aria-label": _accessible_name(shape),
        }
        if is_selected:
            group.set("aria-current", "true")
    SubElement(group, "title").text = f"{node_title(node)}: {node_figures(node)}"
    brush.box(group, "node-plate", shape.text_box, fill=brush.colours.canvas, fill_opacity="0.85", rx="3")
    _paint_disc(brush, brush.group(group, "node-disc"), shape, is_selected=is_selected)
    _paint_words(brush, group, shape)


def _paint_disc(brush: Brush, group: Element, shape: NodeShape, *, is_selected: bool) -> None:
    sizes, colours, centre = brush.sizes, brush.colours, shape.centre
    thin, thick = f"{sizes.ring_width:g}", f"{sizes.ring_width + _FAILED_ARC_EXTRA:g}"
    if is_selected:
        halo = sizes.radius + sizes.ring_width / 2 + _FAILED_ARC_EXTRA + 1.5
        brush.circle(group, centre, halo, fill="none", stroke=colours.accent, stroke_width="2")
    healthy, failed = ring_arcs(shape)
    bad = colours.warning if shape.level is Level.OK else colours.of_level(shape.level)
    if failed:
        brush.circle(group, centre, sizes.radius, fill=colours.surface)
        brush.path(group, "ring", healthy, fill="none", stroke=colours.ok, stroke_width=thin)
        brush.path(group, "ring", failed, fill="none", stroke=bad, stroke_width=thick)
    elif shape.level is Level.OK:
        ring = colours.ok if shape.has_health else colours.edge
        brush.circle(group, centre, sizes.radius, fill=colours.surface, stroke=ring, stroke_width=thin)
    else:
        brush.circle(group, centre, sizes.radius, fill=colours.surface, stroke=bad, stroke_width=thick)
    if sizes.icon_size:
        scale = sizes.icon_size / 24
        middle = centre.y - (sizes.radius * 0.2 if shape.badge else 0)
        corner = f"{number(centre.x - 12 * scale)} {number(middle - 12 * scale)}"
        brush.path(
            group,
            "node-icon",
            icon_path(icon(shape.node)),
            transform=f"translate({corner}) scale({scale:.3f})",
            fill="none",
            stroke=colours.text,
            stroke_width=f"{1.4 / scale:.2f}",
            stroke_linejoin="round",
            stroke_linecap="round",
        )


def _paint_words(brush: Brush, group: Element, shape: NodeShape) -> None:
    sizes, colours, anchor = brush.sizes, brush.colours, shape.name_anchor
    is_bad = shape.level is not Level.OK
    bad = colours.of_level(shape.level)
    brush.text(
        group,
        "node-name",
        anchor,
        shape.name,
        fill=bad if is_bad and sizes.names_beside else colours.text,
        font_size=f"{sizes.name_size:g}",
        font_weight="600" if is_bad or not sizes.names_beside else "400",
        text_anchor="start" if sizes.names_beside else "middle",
    )
    if shape.figures:
        brush.text(
            group,
            "node-figures",
            Point(anchor.x, shape.figures_baseline),
            shape.figures,
            fill=colours.muted,
            font_size=f"{sizes.figures_size:g}",
            text_anchor="middle",
        )
    if shape.badge:
        brush.text(
            group,
            "node-badge",
            Point(shape.centre.x, shape.centre.y + sizes.radius * 0.56),
            shape.badge,
            fill=bad if is_bad else colours.muted,
            font_size=number(sizes.radius * 0.2 + 4.4),
            font_weight="600",
            text_anchor="middle",
        )


def _accessible_name(shape: NodeShape) -> str:
    visible = " ".join(words for words in (shape.name, shape.figures, shape.badge) if words)
    title = node_title(shape.node)
    kind = _KINDS.get(shape.node.kind, shape.node.kind)
    parts = [visible, kind if title == shape.name else f"{kind} {title}"]
    if shape.has_health:
        parts.append(f"{percent(shape.node.failed_percent)} failed")
    return ", ".join(parts)
