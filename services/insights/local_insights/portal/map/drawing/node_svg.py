"""Nodes as SVG."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from local_insights.model.health import Level
from local_insights.model.layout import Point
from local_insights.portal.formats import percent, single_line
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.node_shape import NodeShape, ring_arcs
from local_insights.portal.map.drawing.svg_writer import SvgWriter
from local_insights.portal.map.icons import icon, icon_path
from local_insights.portal.map.labels import node_summary, node_title

_FAILED_ARC_EXTRA = 2.5
_KINDS = {"role": "service", "availability": "availability test"}


def draw_node(
    writer: SvgWriter, parent: Element, shape: NodeShape, link: Callable[[str], str], *, is_selected: bool
) -> None:
    """Add a node; on the page it is a link to its panel.

    The accessible name of the link starts with its visible text (WCAG 2.5.3, label in name).
    """
    node = shape.node
    group = writer.group(parent, f"node node-{node.kind} node-{shape.level}{' selected' if is_selected else ''}")
    if writer.is_page:
        group.tag = "a"
        group.attrib |= {
            "href": link(node.id),
            "data-node": single_line(node.id),
            "data-x": number(shape.centre.x),
            "data-y": number(shape.centre.y),
            "aria-label": _accessible_name(shape),
        }
        if is_selected:
            group.set("aria-current", "true")
    SubElement(group, "title").text = f"{node_title(node)}: {node_summary(node)}"
    writer.box(group, "node-plate", shape.text_box, fill=writer.colours.canvas, fill_opacity="0.85", rx="3")
    _draw_disc(writer, writer.group(group, "node-disc"), shape, is_selected=is_selected)
    _draw_texts(writer, group, shape)


def _draw_disc(writer: SvgWriter, group: Element, shape: NodeShape, *, is_selected: bool) -> None:
    sizes, colours, centre = writer.sizes, writer.colours, shape.centre
    thin, thick = f"{sizes.ring_width:g}", f"{sizes.ring_width + _FAILED_ARC_EXTRA:g}"
    if is_selected:
        halo = sizes.radius + sizes.ring_width / 2 + _FAILED_ARC_EXTRA + 1.5
        writer.circle(group, centre, halo, fill="none", stroke=colours.accent, stroke_width="2")
    healthy, failed = ring_arcs(shape)
    bad = colours.warning if shape.level is Level.OK else colours.of_level(shape.level)
    if failed:
        writer.circle(group, centre, sizes.radius, fill=colours.surface)
        writer.path(group, "ring", healthy, fill="none", stroke=colours.ok, stroke_width=thin)
        writer.path(group, "ring", failed, fill="none", stroke=bad, stroke_width=thick)
    elif shape.level is Level.OK:
        ring = colours.ok if shape.has_health else colours.edge
        writer.circle(group, centre, sizes.radius, fill=colours.surface, stroke=ring, stroke_width=thin)
    else:
        writer.circle(group, centre, sizes.radius, fill=colours.surface, stroke=bad, stroke_width=thick)
    if sizes.icon_size:
        scale = sizes.icon_size / 24
        middle = centre.y - (sizes.radius * 0.2 if shape.badge else 0)
        corner = f"{number(centre.x - 12 * scale)} {number(middle - 12 * scale)}"
        writer.path(
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


def _draw_texts(writer: SvgWriter, group: Element, shape: NodeShape) -> None:
    sizes, colours, anchor = writer.sizes, writer.colours, shape.name_anchor
    is_failing = shape.level is not Level.OK
    bad = colours.of_level(shape.level)
    writer.text(
        group,
        "node-name",
        anchor,
        shape.name,
        fill=bad if is_failing and sizes.names_right else colours.text,
        font_size=f"{sizes.name_size:g}",
        font_weight="600" if is_failing or not sizes.names_right else "400",
        text_anchor="start" if sizes.names_right else "middle",
    )
    if shape.summary:
        writer.text(
            group,
            "node-summary",
            Point(anchor.x, shape.summary_baseline),
            shape.summary,
            fill=colours.muted,
            font_size=f"{sizes.summary_size:g}",
            text_anchor="middle",
        )
    if shape.badge:
        writer.text(
            group,
            "node-badge",
            Point(shape.centre.x, shape.centre.y + sizes.radius * 0.56),
            shape.badge,
            fill=bad if is_failing else colours.muted,
            font_size=number(sizes.radius * 0.2 + 4.4),
            font_weight="600",
            text_anchor="middle",
        )


def _accessible_name(shape: NodeShape) -> str:
    visible = " ".join(text for text in (shape.name, shape.summary, shape.badge) if text)
    title = node_title(shape.node)
    kind = _KINDS.get(shape.node.kind, shape.node.kind)
    parts = [visible, kind if title == shape.name else f"{kind} {title}"]
    if shape.has_health:
        parts.append(f"{percent(shape.node.failed_percent)} failed")
    return ", ".join(parts)
