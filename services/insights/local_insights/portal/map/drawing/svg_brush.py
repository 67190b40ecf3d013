"""Elements of SVG with the colours of a theme."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from local_insights.model.layout import Point
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.drawing.palette import Theme, palette


class Brush:
    """Adds elements to a drawing of one theme and density."""

    def __init__(self, theme: Theme, sizes: Density) -> None:
        self.colours = palette(theme)
        self.is_page = theme == "page"
        self.sizes = sizes

    def group(self, parent: Element, classes: str, **attributes: str) -> Element:
        """Add a group."""
        return self._add(parent, "g", {"class": classes}, attributes)

    def path(self, parent: Element, classes: str, data: str, **paint: str) -> Element:
        """Add a line or an area."""
        return self._add(parent, "path", {"class": classes, "d": data}, paint)

    def circle(self, parent: Element, centre: Point, radius: float, **paint: str) -> Element:
        """Add a circle."""
        place = {"cx": number(centre.x), "cy": number(centre.y), "r": number(radius)}
        return self._add(parent, "circle", place, paint)

    def box(self, parent: Element, classes: str, box: Box, **paint: str) -> Element:
        """Add a rectangle."""
        place = {
            "class": classes,
            "x": number(box.left),
            "y": number(box.top),
            "width": number(box.right - box.left),
            "height": number(box.bottom - box.top),
        }
        return self._add(parent, "rect", place, paint)

    def text(self, parent: Element, classes: str, at: Point, words: str, **paint: str) -> Element:
        """Add a line of text with its baseline at a point."""
        place = {"class": classes, "x": number(at.x), "y": number(at.y)}
        element = self._add(parent, "text", place, paint)
        element.text = words
        return element

    @staticmethod
    def _add(parent: Element, tag: str, place: Mapping[str, str], paint: Mapping[str, str]) -> Element:
        return SubElement(parent, tag, {**place, **{name.replace("_", "-"): value for name, value in paint.items()}})
