"""The root element of a drawing, with title, description for screen readers, and legend."""

from xml.etree.ElementTree import Element, SubElement

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import ERROR_PERCENT, WARNING_PERCENT, Level
from local_insights.model.layout import Point
from local_insights.model.time_range import TimeRange
from local_insights.portal.formats import single_line
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.svg_writer import SvgWriter
from local_insights.portal.map.labels import edge_summary, node_title, text_width

_FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', Arial, sans-serif"
_PADDING = 24
_FOOTER_HEIGHT, _FOOTER_SIZE = 36, 11.5
_MIN_WIDTH = 600
_MAX_DESCRIBED_EDGES = 20


def svg_root(writer: SvgWriter, app_map: ApplicationMap, extent: Box) -> Element:
    """Create the root element of a drawing that covers `extent`, with title and description.

    A standalone drawing also has a background, the time range and a legend.
    """
    box = extent.grown(_PADDING)
    if not writer.is_page:
        spare = max(0.0, _MIN_WIDTH - (box.right - box.left)) / 2
        box = Box(box.left - spare, box.top, box.right + spare, box.bottom + _FOOTER_HEIGHT)
    width, height = number(box.right - box.left), number(box.bottom - box.top)
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"map map-{writer.sizes.name}",
            "viewBox": f"{number(box.left)} {number(box.top)} {width} {height}",
            "width": width,
            "height": height,
            "role": "group" if writer.is_page else "img",
            "aria-labelledby": "map-title map-description",
        },
    )
    period = _period(app_map.time_range)
    SubElement(root, "title", {"id": "map-title"}).text = f"Application map, {period}"
    SubElement(root, "desc", {"id": "map-description"}).text = _description(app_map)
    if not writer.is_page:
        root.set("font-family", _FONT)
        writer.box(root, "background", box, fill=writer.colours.canvas)
        _draw_footer(writer, root, box, period)
    return root


def _period(time_range: TimeRange) -> str:
    start, end = time_range.start, time_range.end
    return f"{start:%Y-%m-%d %H:%M} to {end:{'%H:%M' if start.date() == end.date() else '%Y-%m-%d %H:%M'}} UTC"


def _description(app_map: ApplicationMap) -> str:
    names = {node.id: node_title(node) for node in app_map.nodes}
    worst = sorted(app_map.edges, key=lambda edge: (-edge.failed_percent, -edge.calls, edge.source, edge.target))
    sentences = [f"{len(names)} nodes and {len(app_map.edges)} connections."]
    sentences += [
        f"{names[edge.source]} to {names[edge.target]}: {edge_summary(edge)}." for edge in worst[:_MAX_DESCRIBED_EDGES]
    ]
    return " ".join((*sentences, *map(single_line, app_map.notes)))


def _draw_footer(writer: SvgWriter, root: Element, box: Box, period: str) -> None:
    group = writer.group(root, "footer", font_size=f"{_FOOTER_SIZE:g}", fill=writer.colours.muted)
    baseline = box.bottom - _PADDING * 0.75
    writer.text(group, "period", Point(box.left + _PADDING, baseline), period)
    end = box.right - _PADDING
    for level, meaning in (
        (Level.ERROR, f"≥ {ERROR_PERCENT:g} % failed"),
        (Level.WARNING, f"≥ {WARNING_PERCENT:g} % failed"),
        (Level.OK, "healthy"),
    ):
        start = end - text_width(meaning, _FOOTER_SIZE)
        writer.text(group, "legend", Point(end, baseline), meaning, text_anchor="end")
        dot = Point(start - 12, baseline - _FOOTER_SIZE * 0.36)
        writer.circle(group, dot, 4, fill="none", stroke=writer.colours.of_level(level), stroke_width="2.5")
        end = start - 36
