"""Where the figures of an edge stand: on its line, on nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from local_insights.model.health import Level
from local_insights.portal.formats import count, duration, percent
from local_insights.portal.map.drawing.box import Box, BoxSet, cell
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.drawing.edge_shape import EdgeShape
from local_insights.portal.map.labels import calls, text_width

_SHARES = (0.5, *(0.5 + side * step / 25 for step in range(1, 10) for side in (-1, 1)))
"""Placement along the line that are tried, the middle first."""
_COST_OF_LINE = 1.0
"""Cost of covering another edge's line, against the distance from the middle as a share of the length."""
_PADDING_X, _PADDING_Y = 6, 3
_APART = 3
_LINE_HEIGHT = 1.25


@dataclass(frozen=True, slots=True)
class Words:
    """Words in one style: figures that matter are bold, the failed share has the level's colour."""

    text: str
    bold: bool = False
    bad: bool = False


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    """An edge's figures and the box they stand in. `lines` are stacked; the words of a line follow each other."""

    shape: EdgeShape
    box: Box
    lines: tuple[tuple[Words, ...], ...]
    size: float

    def baseline(self, line: int) -> float:
        """The baseline of a line, from 0."""
        return self.box.top + _PADDING_Y + self.size * (0.85 + _LINE_HEIGHT * line)


def edge_labels(edges: Sequence[EdgeShape], occupied: Iterable[Box], sizes: Density) -> list[EdgeLabel]:
    """Place a label on every edge where one fits, failing edges first, then those with most calls.

    No label overlaps another or one of the boxes that are `occupied`. A failing edge without room for all figures has
    at least its failed share shown; another edge then goes without: the page's table has its figures.
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
        for words in _wordings(shape, stacked=sizes.edge_labels == "stacked" and not shape.is_loop):
            label = _placed(shape, words, sizes.figures_size, taken, lines)
            if label:
                labels.append(label)
                taken.add(label.box.grown(_APART))
                break
    return labels


class _LinesByCell:
    """Points of all lines, to find those that a label would cover."""

    def __init__(self, edges: Sequence[EdgeShape]) -> None:
        self._points: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
        for index, shape in enumerate(edges):
            for point in shape.curve.samples:
                self._points.setdefault(cell(point.x, point.y), []).append((point.x, point.y, index))
        self._index = {(shape.edge.source, shape.edge.target): index for index, shape in enumerate(edges)}

    def covered(self, box: Box, shape: EdgeShape) -> int:
        """How many edges other than the label's own run through the box."""
        own = self._index[shape.edge.source, shape.edge.target]
        under = {
            index
            for key in box.cells()
            for x, y, index in self._points.get(key, ())
            if index != own and box.contains(x, y)
        }
        return len(under)


def _placed(
    shape: EdgeShape, lines: tuple[tuple[Words, ...], ...], size: float, taken: BoxSet, drawn: _LinesByCell
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


def _wordings(shape: EdgeShape, *, stacked: bool) -> list[tuple[tuple[Words, ...], ...]]:
    edge = shape.edge
    average = Words(duration(edge.average_ms), bold=True)
    failed = percent(edge.failed_percent)
    is_bad = shape.level is not Level.OK
    bad = (Words(failed, bold=True, bad=True),)
    lines: list[tuple[Words, ...]]
    if stacked:
        lines = [(average,), (Words(calls(edge.calls)),)]
        if is_bad:
            lines.append((Words(f"{failed} failed", bold=True, bad=True),))
    else:
        words = (average, Words(f" · {count(edge.calls)}"))
        lines = [(*words, Words(" · "), *bad) if is_bad else words]
    return [tuple(lines), (bad,)] if is_bad else [tuple(lines)]


def _line_width(line: Sequence[Words], size: float) -> float:
    return sum(text_width(words.text, size, bold=words.bold) for words in line)
