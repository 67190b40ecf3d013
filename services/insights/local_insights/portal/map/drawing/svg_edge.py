"""Edges and their labels as SVG."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from local_insights.model.health import Level
from local_insights.model.layout import Point
from local_insights.portal.formats import percent
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.edge_labels import EdgeLabel, Words
from local_insights.portal.map.drawing.edge_shape import EdgeShape
from local_insights.portal.map.drawing.svg_brush import Brush
from local_insights.portal.map.labels import edge_figures, plain


def paint_edge(brush: Brush, parent: Element, shape: EdgeShape, titles: Mapping[str, str]) -> None:
    """Add an edge: its line, its arrowhead, and its figures as a tool tip. `titles` are those of the nodes, by id."""
    colour = brush.colours.of_edge(shape.level)
    group = brush.group(parent, f"edge edge-{shape.level}", **_ends(shape))
    source, target = titles[shape.edge.source], titles[shape.edge.target]
    SubElement(group, "title").text = f"{source} → {target}: {edge_figures(shape.edge)}"
    brush.path(group, "edge-line", shape.curve.path(), stroke=colour, stroke_width=f"{shape.width:.2f}")
    brush.path(group, "edge-arrow", _arrow(shape, brush.sizes.arrow_length), fill=colour)


def paint_label(brush: Brush, parent: Element, label: EdgeLabel) -> None:
    """Add an edge's label; on the page a failing one also in the short form for small zooms."""
    level = label.shape.level
    group = brush.group(parent, f"edge-label edge-label-{level}", font_size=f"{label.size:g}", **_ends(label.shape))
    whole = brush.group(group, "label-whole")
    middle = Point((label.box.left + label.box.right) / 2, (label.box.top + label.box.bottom) / 2)
    _pill(brush, whole, label.box, level)
    for index, line in enumerate(label.lines):
        _words(brush, whole, line, Point(middle.x, label.baseline(index)), level)
    if brush.is_page and level is not Level.OK:
        short = brush.group(group, "label-short", display="none")
        half_width, half_height = label.size * 2.2, label.size * 0.9
        box = Box(middle.x - half_width, middle.y - half_height, middle.x + half_width, middle.y + half_height)
        _pill(brush, short, box, level)
        failed = Words(percent(label.shape.edge.failed_percent), bold=True, bad=True)
        _words(brush, short, (failed,), Point(middle.x, middle.y + label.size * 0.35), level)


def _ends(shape: EdgeShape) -> dict[str, str]:
    return {"data_source": plain(shape.edge.source), "data_target": plain(shape.edge.target)}


def _arrow(shape: EdgeShape, length: float) -> str:
    base, towards = shape.curve.end, shape.curve.direction_at_end()
    half = length * 0.4 + shape.width * 0.4
    corners = (
        (base.x - towards.y * half, base.y + towards.x * half),
        (base.x + towards.x * length, base.y + towards.y * length),
        (base.x + towards.y * half, base.y - towards.x * half),
    )
    return "M" + "L".join(f"{number(x)},{number(y)}" for x, y in corners) + "Z"


def _pill(brush: Brush, parent: Element, box: Box, level: Level) -> None:
    """What sets a label off from the lines below: a plain ground, or for bad news a pill with a border."""
    if level is Level.OK:
        brush.box(parent, "label-plate", box, fill=brush.colours.canvas, fill_opacity="0.9", rx="4")
    else:
        colour = brush.colours.of_level(level)
        brush.box(parent, "label-pill", box, fill=brush.colours.surface, stroke=colour, rx="4")


def _words(brush: Brush, parent: Element, line: Iterable[Words], at: Point, level: Level) -> None:
    text = brush.text(parent, "label-words", at, "", fill=brush.colours.muted)
    for words in line:
        span = SubElement(text, "tspan")
        span.text = words.text
        if words.bold:
            span.set("font-weight", "600")
            span.set("fill", brush.colours.of_level(level) if words.bad else brush.colours.text)
