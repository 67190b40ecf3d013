"""Edges and their labels as SVG."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from local_insights.model.health import Level
from local_insights.model.layout import Point
from local_insights.portal.formats import percent, single_line
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.edge_labels import EdgeLabel, Span
from local_insights.portal.map.drawing.edge_shape import EdgeShape
from local_insights.portal.map.drawing.svg_writer import SvgWriter
from local_insights.portal.map.labels import edge_summary


def draw_edge(writer: SvgWriter, parent: Element, shape: EdgeShape, titles: Mapping[str, str]) -> None:
    """Add an edge: line, arrowhead, and a tooltip with its statistics. `titles` are the titles of nodes by id."""
    colour = writer.colours.of_edge(shape.level)
    group = writer.group(parent, f"edge edge-{shape.level}", **_ends(shape))
    source, target = titles[shape.edge.source], titles[shape.edge.target]
    SubElement(group, "title").text = f"{source} → {target}: {edge_summary(shape.edge)}"
    writer.path(group, "edge-line", shape.curve.path(), stroke=colour, stroke_width=f"{shape.width:.2f}")
    writer.path(group, "edge-arrow", _arrow(shape, writer.sizes.arrow_length), fill=colour)


def draw_label(writer: SvgWriter, parent: Element, label: EdgeLabel) -> None:
    """Add an edge's label; on the page, failing edges also have a short label for small zooms."""
    level = label.shape.level
    group = writer.group(parent, f"edge-label edge-label-{level}", font_size=f"{label.size:g}", **_ends(label.shape))
    whole = writer.group(group, "label-whole")
    middle = Point((label.box.left + label.box.right) / 2, (label.box.top + label.box.bottom) / 2)
    _pill(writer, whole, label.box, level)
    for index, line in enumerate(label.lines):
        _text_line(writer, whole, line, Point(middle.x, label.baseline(index)), level)
    if writer.is_page and level is not Level.OK:
        short = writer.group(group, "label-short", display="none")
        half_width, half_height = label.size * 2.2, label.size * 0.9
        box = Box(middle.x - half_width, middle.y - half_height, middle.x + half_width, middle.y + half_height)
        _pill(writer, short, box, level)
        failed = Span(percent(label.shape.edge.failed_percent), bold=True, is_failure=True)
        _text_line(writer, short, (failed,), Point(middle.x, middle.y + label.size * 0.35), level)


def _ends(shape: EdgeShape) -> dict[str, str]:
    return {"data_source": single_line(shape.edge.source), "data_target": single_line(shape.edge.target)}


def _arrow(shape: EdgeShape, length: float) -> str:
    base, towards = shape.curve.end, shape.curve.direction_at_end()
    half = length * 0.4 + shape.width * 0.4
    corners = (
        (base.x - towards.y * half, base.y + towards.x * half),
        (base.x + towards.x * length, base.y + towards.y * length),
        (base.x + towards.y * half, base.y - towards.x * half),
    )
    return "M" + "L".join(f"{number(x)},{number(y)}" for x, y in corners) + "Z"


def _pill(writer: SvgWriter, parent: Element, box: Box, level: Level) -> None:
    """Add the background of a label: without a border, or for failing edges with one."""
    if level is Level.OK:
        writer.box(parent, "label-plate", box, fill=writer.colours.canvas, fill_opacity="0.9", rx="4")
    else:
        colour = writer.colours.of_level(level)
        writer.box(parent, "label-pill", box, fill=writer.colours.surface, stroke=colour, rx="4")


def _text_line(writer: SvgWriter, parent: Element, line: Iterable[Span], at: Point, level: Level) -> None:
    text = writer.text(parent, "label-words", at, "", fill=writer.colours.muted)
    for span in line:
        element = SubElement(text, "tspan")
        element.text = span.text
        if span.bold:
            element.set("font-weight", "600")
            element.set("fill", writer.colours.of_level(level) if span.is_failure else writer.colours.text)
