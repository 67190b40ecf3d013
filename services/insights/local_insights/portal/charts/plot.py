"""The common part of all charts: the plot area, its grid and the labels of its axes.

x coordinates are percentages of the width, y coordinates are pixels. A chart therefore fills the available width
without scaling its text. Labels left of the plot area are in the margin of `.chart` in `charts.css`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from local_insights.portal.charts.axis import Tick
from local_insights.portal.formats import single_line

Colour = Literal["blue", "orange", "violet", "ok", "warning", "error", "edge"]
"""A custom property of the page's style sheet, without `--`."""

LINE_WIDTH = 1000
"""Width of the coordinate system of lines, which is stretched to the width of the chart."""
_ABOVE_PX, _BELOW_PX = 14, 22
_STEP_PX = 32
_BASELINE_PX = 4
"""The distance from the middle of a line of text to its baseline."""


def percent(share: float) -> str:
    """Format a share of the width as an x coordinate in percent."""
    return f"{100 * share:.4g}%"


def pixels(length: float) -> str:
    """Format a length or y coordinate in pixels."""
    return f"{length:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot area of `height_px`, in an SVG element with space for labels above and below."""

    root: Element
    height_px: int

    @property
    def value_steps(self) -> int:
        """The number of steps of the y axis at which its labels do not overlap."""
        return max(1, min(4, self.height_px // _STEP_PX))

    @property
    def bottom(self) -> float:
        """The y coordinate of the value 0."""
        return _ABOVE_PX + self.height_px

    def y(self, share: float) -> float:
        """Return the y coordinate of a share of the height, counted from the bottom."""
        return self.bottom - share * self.height_px

    def y_axis(self, ticks: Iterable[Tick]) -> None:
        """Draw the horizontal grid lines with their labels."""
        grid = SubElement(self.root, "g", {"class": "grid", "aria-hidden": "true"})
        for tick in ticks:
            y = pixels(self.y(tick.share))
            SubElement(grid, "line", {"x1": "0", "x2": "100%", "y1": y, "y2": y})
            position = {"x": "-8", "y": pixels(self.y(tick.share) + _BASELINE_PX), "text-anchor": "end"}
            SubElement(grid, "text", position).text = tick.label

    def x_axis(self, ticks: Iterable[Tick]) -> None:
        """Draw the labels below the plot area."""
        labels = SubElement(self.root, "g", {"class": "x-axis", "aria-hidden": "true", "text-anchor": "middle"})
        for tick in ticks:
            SubElement(labels, "text", {"x": percent(tick.share), "y": pixels(self.bottom + 17)}).text = tick.label

    def empty(self, text: str) -> None:
        """Draw a text in the middle of an empty plot area."""
        y = pixels(self.bottom)
        SubElement(self.root, "line", {"class": "base", "x1": "0", "x2": "100%", "y1": y, "y2": y})
        position = {"class": "empty-text", "x": "50%", "y": pixels(self.y(0.5)), "text-anchor": "middle"}
        SubElement(self.root, "text", position).text = single_line(text)

    def tooltip(self, start: float, end: float, text: str) -> None:
        """Add a tooltip to a vertical strip of the plot area, between two shares of the width."""
        strip = SubElement(
            self.root,
            "rect",
            {
                "class": "strip",
                "x": percent(start),
                "width": percent(end - start),
                "y": pixels(self.y(1)),
                "height": pixels(self.height_px),
                "fill": "transparent",
            },
        )
        SubElement(strip, "title").text = single_line(text)

    def bar(self, parent: Element, x_range: tuple[float, float], y_range: tuple[float, float], **paint: str) -> None:
        """Draw a bar between two shares of the width and two shares of the height."""
        low, high = y_range
        SubElement(
            parent,
            "rect",
            {
                "x": percent(x_range[0]),
                "width": percent(x_range[1] - x_range[0]),
                "y": pixels(self.y(high)),
                "height": pixels((high - low) * self.height_px),
                **paint,
            },
        )

    def line_layer(self) -> Element:
        """Add a layer for lines that is stretched to the width of the plot area; x is 0 to `LINE_WIDTH`."""
        height = pixels(self.bottom)
        attributes = {
            "class": "lines",
            "width": "100%",
            "height": height,
            "viewBox": f"0 0 {LINE_WIDTH} {height}",
            "preserveAspectRatio": "none",
            "pointer-events": "none",
        }
        return SubElement(self.root, "svg", attributes)

    def markup(self) -> Markup:
        """Return the SVG element as markup for a page."""
        return Markup(tostring(self.root, encoding="unicode"))  # noqa: S704 - ElementTree escapes text and attributes


def plot(label: str, height_px: int, classes: str, **data: str) -> Plot:
    """Create an empty plot area; `label` describes the chart in one sentence, for screen readers."""
    attributes = {
        "class": f"chart {classes}",
        "height": str(_ABOVE_PX + height_px + _BELOW_PX),
        "role": "img",
        "aria-label": single_line(label),
    }
    return Plot(Element("svg", attributes | {f"data-{name}": value for name, value in data.items()}), height_px)
