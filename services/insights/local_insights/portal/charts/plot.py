"""What charts have in common: the drawing area, its grid and the words along its axes.

Across, everything stands at a percentage of the width; down, at pixels. So a chart fills whatever width its place has
while its words keep their size. Words beside the area stand in the margin that `.chart` has in `charts.css`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from local_insights.portal.charts.axis import Tick
from local_insights.portal.map.labels import plain

Colour = Literal["blue", "orange", "violet", "ok", "warning", "error", "edge"]
"""A custom property of the page's style sheet."""

LINE_WIDTH = 1000
"""Width of the coordinates that lines are drawn in; they are stretched to the chart's."""
_ABOVE_PX, _BELOW_PX = 14, 22
_STEP_PX = 32
_BASELINE_PX = 4
"""From the middle of a line of words to its baseline."""


def percent(share: float) -> str:
    """A place across, as SVG wants it."""
    return f"{100 * share:.4g}%"


def pixels(place: float) -> str:
    """A place down, as SVG wants it."""
    return f"{place:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing area that is `height_px` high, in a drawing that has room for words above and below."""

    root: Element
    height_px: int

    @property
    def value_steps(self) -> int:
        """Into how many steps an axis is divided, so that its figures have room."""
        return max(1, min(4, self.height_px // _STEP_PX))

    @property
    def bottom(self) -> float:
        """Where values are nothing."""
        return _ABOVE_PX + self.height_px

    def down(self, share: float) -> float:
        """The place of a share of the height, counted from the bottom."""
        return self.bottom - share * self.height_px

    def values(self, ticks: Iterable[Tick]) -> None:
        """Draw the lines of the grid with their figures."""
        grid = SubElement(self.root, "g", {"class": "grid", "aria-hidden": "true"})
        for tick in ticks:
            y = pixels(self.down(tick.share))
            SubElement(grid, "line", {"x1": "0", "x2": "100%", "y1": y, "y2": y})
            place = {"x": "-8", "y": pixels(self.down(tick.share) + _BASELINE_PX), "text-anchor": "end"}
            SubElement(grid, "text", place).text = tick.words

    def along(self, ticks: Iterable[Tick]) -> None:
        """Write the figures below the area."""
        words = SubElement(self.root, "g", {"class": "along", "aria-hidden": "true", "text-anchor": "middle"})
        for tick in ticks:
            SubElement(words, "text", {"x": percent(tick.share), "y": pixels(self.bottom + 17)}).text = tick.words

    def nothing(self, words: str) -> None:
        """Say in the middle of the empty area what there is none of."""
        y = pixels(self.bottom)
        SubElement(self.root, "line", {"class": "base", "x1": "0", "x2": "100%", "y1": y, "y2": y})
        place = {"class": "nothing", "x": "50%", "y": pixels(self.down(0.5)), "text-anchor": "middle"}
        SubElement(self.root, "text", place).text = plain(words)

    def hint(self, start: float, end: float, words: str) -> None:
        """Have `words` pop up over a strip of the area, from one share of the width to another."""
        strip = SubElement(
            self.root,
            "rect",
            {
                "class": "strip",
                "x": percent(start),
                "width": percent(end - start),
                "y": pixels(self.down(1)),
                "height": pixels(self.height_px),
                "fill": "transparent",
            },
        )
        SubElement(strip, "title").text = plain(words)

    def bar(self, parent: Element, across: tuple[float, float], down: tuple[float, float], **paint: str) -> None:
        """Draw a bar between two shares of the width and two of the height, the lower one first."""
        low, high = down
        SubElement(
            parent,
            "rect",
            {
                "x": percent(across[0]),
                "width": percent(across[1] - across[0]),
                "y": pixels(self.down(high)),
                "height": pixels((high - low) * self.height_px),
                **paint,
            },
        )

    def stretched(self) -> Element:
        """A layer for lines, as wide as the area whatever its width: x runs from 0 to `LINE_WIDTH`."""
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
        """The drawing, to be put into a page."""
        return Markup(tostring(self.root, encoding="unicode"))  # noqa: S704 - ElementTree escapes what it writes


def plot(label: str, height_px: int, classes: str, **data: str) -> Plot:
    """An empty drawing area; `label` is the chart in a sentence, for those who do not see it."""
    attributes = {
        "class": f"chart {classes}",
        "height": str(_ABOVE_PX + height_px + _BELOW_PX),
        "role": "img",
        "aria-label": plain(label),
    }
    return Plot(Element("svg", attributes | {f"data-{name}": value for name, value in data.items()}), height_px)
