"""Creates SVG elements."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from local_insights.model.layout import Point
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.drawing.palette import Theme, palette


class SvgWriter:
    """Adds elements to a drawing with one theme and density."""

    def __init__(self, theme: Theme, sizes: Density) -> None:
        self.colours = palette(theme)
        self.is_page = theme == "page"
        self.sizes = sizes

    def group(self, parent: Element, classes: str, **attributes: str) -> Element:
        """Add a group."""
        return self._add(parent, "g", {"class": classes}, attributes)

    def path(self, parent: Element, classes: str, data: str, **paint: str) -> Element:
        """Add a path."""
        return self._add(parent, "path", {"class": classes, "d": data}, paint)

    def circle(self, parent: Element, centre: Point, radius: float, **paint: str) -> Element:
        """Add a circle."""
        geometry = {"cx": number(centre.x), "cy": number(centre.y), "r": number(radius)}
        return self._add(parent, "circle", geometry, paint)

    def box(self, parent: Element, classes: str, box: Box, **paint: str) -> Element:
        """Add a rectangle."""
        geometry = {
            "class": classes,
            "x": number(box.left),
            "y": number(box.top),
            "width": number(box.right - box.left),
            "height": number(box.bottom - box.top),
        }
        return self._add(parent, "rect", geometry, paint)

    def text(self, parent: Element, classes: str, at: Point, text: str, **paint: str) -> Element:
        """Add a line of text with its baseline at a point."""
        geometry = {"class": classes, "x": number(at.x), "y": number(at.y)}
        element = self._add(parent, "text", geometry, paint)
        element.text = text
        return element

    @staticmethod
    def _add(parent: Element, tag: str, geometry: Mapping[str, str], paint: Mapping[str, str]) -> Element:
        return SubElement(parent, tag, {**geometry, **{name.replace("_", "-"): value for name, value in paint.items()}})
