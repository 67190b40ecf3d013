"""The line of an edge: Bézier curves with horizontal tangents between the columns."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from local_insights.model.layout import Point
from local_insights.portal.map.drawing.box import Box

_STEPS = 16
_LOOP_ANGLE_DEG = 35


@dataclass(frozen=True, slots=True)
class Cubic:
    """One cubic Bézier segment."""

    start: Point
    control1: Point
    control2: Point
    end: Point

    def at(self, t: float) -> Point:
        """Return the point at parameter `t`, 0 to 1."""
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        return Point(
            a * self.start.x + b * self.control1.x + c * self.control2.x + d * self.end.x,
            a * self.start.y + b * self.control1.y + c * self.control2.y + d * self.end.y,
        )


class Curve:
    """A chain of Bézier segments."""

    def __init__(self, cubics: Sequence[Cubic]) -> None:
        self.cubics = tuple(cubics)

    @cached_property
    def samples(self) -> Sequence[Point]:
        """Points along the line, close enough to approximate it."""
        steps = [step / _STEPS for step in range(1, _STEPS + 1)]
        return [self.cubics[0].start, *(cubic.at(step) for cubic in self.cubics for step in steps)]

    @cached_property
    def _lengths(self) -> Sequence[float]:
        return [0.0, *accumulate(math.dist(a, b) for a, b in pairwise(self.samples))]

    @property
    def box(self) -> Box:
        """A rectangle that contains the line: the bounding box of the control points, which no segment leaves."""
        points = [point for cubic in self.cubics for point in (cubic.start, cubic.control1, cubic.control2, cubic.end)]
        return Box(
            min(point.x for point in points),
            min(point.y for point in points),
            max(point.x for point in points),
            max(point.y for point in points),
        )

    @property
    def end(self) -> Point:
        """The end point."""
        return self.cubics[-1].end

    @property
    def length(self) -> float:
        """The approximate length."""
        return self._lengths[-1]

    def at(self, share: float) -> Point:
        """Return the point at a share of the length, 0 to 1."""
        distance = share * self.length
        index = min(max(1, bisect_left(self._lengths, distance)), len(self.samples) - 1)
        before, after = self._lengths[index - 1], self._lengths[index]
        part = (distance - before) / (after - before) if after > before else 0.0
        a, b = self.samples[index - 1], self.samples[index]
        return Point(a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part)

    def direction_at_end(self) -> Point:
        """Return the direction of the line at its end, as a unit vector."""
        last = self.cubics[-1]
        origin = last.control2 if last.control2 != last.end else last.start
        distance = math.dist(origin, last.end) or 1.0
        return Point((last.end.x - origin.x) / distance, (last.end.y - origin.y) / distance)

    def path(self) -> str:
        """Return the SVG path data."""
        start = self.cubics[0].start
        parts = [f"M{number(start.x)},{number(start.y)}"]
        for cubic in self.cubics:
            if cubic.start.y == cubic.control1.y == cubic.control2.y == cubic.end.y:
                parts.append(f"H{number(cubic.end.x)}")
            else:
                ends = (cubic.control1, cubic.control2, cubic.end)
                parts.append("C" + " ".join(f"{number(end.x)},{number(end.y)}" for end in ends))
        return "".join(parts)


def flowing(knots: Sequence[Point]) -> Curve:
    """Return a curve through the knots, horizontal at each knot; knots inside a horizontal line are skipped."""
    inner = zip(knots, knots[1:], knots[2:], strict=False)
    turns = [knot for before, knot, after in inner if not before.y == knot.y == after.y]
    return Curve(
        [
            Cubic(start, Point((start.x + end.x) / 2, start.y), Point((start.x + end.x) / 2, end.y), end)
            for start, end in pairwise([knots[0], *turns, knots[-1]])
        ]
    )


def loop(centre: Point, radius: float, height: float, arrow_length: float) -> Curve:
    """Return a self-loop: from the upper left of a circle to `arrow_length` before its upper right."""
    angle = math.radians(_LOOP_ANGLE_DEG)
    dx, dy = math.sin(angle), math.cos(angle)
    top = centre.y - radius - height * 4 / 3
    end = radius + arrow_length
    return Curve(
        [
            Cubic(
                Point(centre.x - radius * dx, centre.y - radius * dy),
                Point(centre.x - radius * dx * 2, top),
                Point(centre.x + radius * dx * 2, top),
                Point(centre.x + end * dx, centre.y - end * dy),
            )
        ]
    )


def number(value: float) -> str:
    """Format a coordinate with at most one decimal place; never `-0`."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
