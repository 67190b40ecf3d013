"""Positions of edge labels: on the line of the edge, without covering nodes or other labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from local_insights.model.health import Level
from local_insights.portal.formats import count, duration, percent
from local_insights.portal.map.drawing.box import Box, BoxSet, cell
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.drawing.edge_shape import EdgeShape
from local_insights.portal.map.labels import calls, text_width

_SHARES = (0.5, *(0.5 + side * step / 25 for step in range(1, 10) for side in (-1, 1)))
"""Candidate positions along the line as shares of its length, the middle first."""
_COST_OF_LINE = 1.0
"""Cost of covering the line of another edge, relative to a distance of the whole length from the middle."""
_PADDING_X, _PADDING_Y = 6, 3
_MARGIN = 3
_LINE_HEIGHT = 1.25


@dataclass(frozen=True, slots=True)
class Span:
    """A text in one style. With `is_failure`, it has the colour of the edge's health level."""

    text: str
    bold: bool = False
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    """The label of an edge and its box. `lines` are stacked; each line is a sequence of spans."""

    shape: EdgeShape
    box: Box
    lines: tuple[tuple[Span, ...], ...]
    size: float

    def baseline(self, line: int) -> float:
        """Return the y coordinate of the baseline of a line; lines are counted from 0."""
        return self.box.top + _PADDING_Y + self.size * (0.85 + _LINE_HEIGHT * line)


def edge_labels(edges: Sequence[EdgeShape], occupied: Iterable[Box], sizes: Density) -> list[EdgeLabel]:
    """Place a label on every edge with sufficient space: failing edges first, then by number of calls.

    Labels do not overlap each other or the `occupied` boxes. A failing edge without space for the full label shows only
    its failed percentage. Any other edge then has no label; its statistics are in the page's table.
    """
    if sizes.edge_labels == "none":
        return []
    taken = BoxSet()
    for box in occupied:
        taken.add(box)
    lines = _LinesByCell(edges)
    labels: list[EdgeLabel] = []
    severity = list(Level)
    for shape in sorted(
        edges, key=lambda shape: (-severity.index(shape.level), -shape.edge.calls, shape.edge.source, shape.edge.target)
    ):
        for candidate in _candidates(shape, stacked=sizes.edge_labels == "stacked" and not shape.is_loop):
            label = _place(shape, candidate, sizes.summary_size, taken, lines)
            if label:
                labels.append(label)
                taken.add(label.box.grown(_MARGIN))
                break
    return labels


class _LinesByCell:
    """Points of all lines by grid cell, to find the lines that a label would cover."""

    def __init__(self, edges: Sequence[EdgeShape]) -> None:
        self._points: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
        for index, shape in enumerate(edges):
            for point in shape.curve.samples:
                self._points.setdefault(cell(point.x, point.y), []).append((point.x, point.y, index))
        self._index = {(shape.edge.source, shape.edge.target): index for index, shape in enumerate(edges)}

    def covered(self, box: Box, shape: EdgeShape) -> int:
        """Return the number of other edges that pass through the box."""
        own = self._index[shape.edge.source, shape.edge.target]
        crossing = {
            index
            for key in box.cells()
            for x, y, index in self._points.get(key, ())
            if index != own and box.contains(x, y)
        }
        return len(crossing)


def _place(
    shape: EdgeShape, lines: tuple[tuple[Span, ...], ...], size: float, taken: BoxSet, drawn: _LinesByCell
) -> EdgeLabel | None:
    width = max(_line_width(line, size) for line in lines) + 2 * _PADDING_X
    height = size * _LINE_HEIGHT * len(lines) + 2 * _PADDING_Y
    best: tuple[float, Box] | None = None
    for share in _SHARES:
        at = shape.curve.at(share)
        middle = at.y - height / 2 if shape.is_loop else at.y
        box = Box(at.x - width / 2, middle - height / 2, at.x + width / 2, middle + height / 2)
        if taken.overlaps(box):
            continue
        cost = _COST_OF_LINE * drawn.covered(box, shape) + abs(share - 0.5)
        if best is None or cost < best[0]:
            best = cost, box
    return EdgeLabel(shape, best[1], lines, size) if best else None


def _candidates(shape: EdgeShape, *, stacked: bool) -> list[tuple[tuple[Span, ...], ...]]:
    """Return the contents to try, each as lines of spans: the full label, then for failing edges a short one."""
    edge = shape.edge
    average = Span(duration(edge.average_ms), bold=True)
    failed = percent(edge.failed_percent)
    is_failing = shape.level is not Level.OK
    short = (Span(failed, bold=True, is_failure=True),)
    lines: list[tuple[Span, ...]]
    if stacked:
        lines = [(average,), (Span(calls(edge.calls)),)]
        if is_failing:
            lines.append((Span(f"{failed} failed", bold=True, is_failure=True),))
    else:
        spans = (average, Span(f" · {count(edge.calls)}"))
        lines = [(*spans, Span(" · "), *short) if is_failing else spans]
    return [tuple(lines), (short,)] if is_failing else [tuple(lines)]


def _line_width(line: Sequence[Span], size: float) -> float:
    return sum(text_width(span.text, size, bold=span.bold) for span in line)
