"""What surrounds the drawing of a map: the root element, its words for those who do not see it, and the legend."""

from xml.etree.ElementTree import Element, SubElement

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import Level, Thresholds
from local_insights.model.layout import Point
from local_insights.model.time_range import TimeRange
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.svg_brush import Brush
from local_insights.portal.map.labels import edge_figures, node_title, plain, text_width

_FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', Arial, sans-serif"
_PADDING = 24
_FOOTER_HEIGHT, _FOOTER_SIZE = 36, 11.5
_LEAST_WIDTH = 600
_EDGES_DESCRIBED = 20


def framed(brush: Brush, shown: ApplicationMap, extent: Box, thresholds: Thresholds) -> Element:
    """The root element of a drawing that covers `extent`, with title and description.

    A drawing that stands alone gets a background, its time range and a legend; the page has its own.
    """
    box = extent.grown(_PADDING)
    if not brush.is_page:
        spare = max(0.0, _LEAST_WIDTH - (box.right - box.left)) / 2
        box = Box(box.left - spare, box.top, box.right + spare, box.bottom + _FOOTER_HEIGHT)
    width, height = number(box.right - box.left), number(box.bottom - box.top)
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"map map-{brush.sizes.name}",
            "viewBox": f"{number(box.left)} {number(box.top)} {width} {height}",
            "width": width,
            "height": height,
            "role": "group" if brush.is_page else "img",
            "aria-labelledby": "map-title map-description",
        },
    )
    period = _period(shown.time_range)
    SubElement(root, "title", {"id": "map-title"}).text = f"Application map, {period}"
    SubElement(root, "desc", {"id": "map-description"}).text = _description(shown)
    if not brush.is_page:
        root.set("font-family", _FONT)
        brush.box(root, "background", box, fill=brush.colours.canvas)
        _paint_footer(brush, root, box, period, thresholds)
    return root


def _period(time_range: TimeRange) -> str:
    start, end = time_range.start, time_range.end
    return f"{start:%Y-%m-%d %H:%M} to {end:{'%H:%M' if start.date() == end.date() else '%Y-%m-%d %H:%M'}} UTC"


def _description(shown: ApplicationMap) -> str:
    names = {node.id: node_title(node) for node in shown.nodes}
    worst = sorted(shown.edges, key=lambda edge: (-edge.failed_percent, -edge.calls, edge.source, edge.target))
    sentences = [f"{len(names)} nodes and {len(shown.edges)} connections."]
    sentences += [
        f"{names[edge.source]} to {names[edge.target]}: {edge_figures(edge)}." for edge in worst[:_EDGES_DESCRIBED]
    ]
    return " ".join((*sentences, *map(plain, shown.notes)))


def _paint_footer(brush: Brush, root: Element, box: Box, period: str, thresholds: Thresholds) -> None:
    group = brush.group(root, "footer", font_size=f"{_FOOTER_SIZE:g}", fill=brush.colours.muted)
    baseline = box.bottom - _PADDING * 0.75
    brush.text(group, "period", Point(box.left + _PADDING, baseline), period)
    end = box.right - _PADDING
    for level, meaning in (
        (Level.ERROR, f"≥ {thresholds.error_percent:g} % failed"),
        (Level.WARNING, f"≥ {thresholds.warning_percent:g} % failed"),
        (Level.OK, "healthy"),
    ):
        start = end - text_width(meaning, _FOOTER_SIZE)
        brush.text(group, "legend", Point(end, baseline), meaning, text_anchor="end")
        dot = Point(start - 12, baseline - _FOOTER_SIZE * 0.36)
        brush.circle(group, dot, 4, fill="none", stroke=brush.colours.of_level(level), stroke_width="2.5")
        end = start - 36
