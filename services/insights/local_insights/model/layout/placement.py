"""Step 6: compute the points of nodes and the routes of edges around other nodes."""

from collections.abc import Sequence
from itertools import accumulate

from local_insights.model.layout.coordinates import heights
from local_insights.model.layout.folding import Folding
from local_insights.model.layout.geometry import Point, Spacing

_LANE = 0.45
"""Distance between a row and the edges above or below it, in node heights; less than half, to stay clear of the edges
of the adjacent row."""


class Placement:
    """The coordinates of a folded graph; its top left corner is (0, 0).

    Attributes:
        points: the point of every vertex; of a bend, the point where the edge enters its layer.
        width: the distance between the centres of the first and the last column.
        height: the height including the heights of the nodes.
    """

    def __init__(self, folding: Folding, spacing: Spacing) -> None:
        self._folding = folding
        self._spacing = spacing
        rows = folding.rows
        room = [
            spacing.node_height if row < rows.first_bend else spacing.bend_height for row in range(len(folding.members))
        ]
        y = heights(rows, room)
        first = min(y[row] - room[row] / 2 for row in range(len(y)))
        self.height = max(y[row] + room[row] / 2 for row in range(len(y))) - first
        self._layer = {vertex: index for index, layer in enumerate(folding.layers) for vertex in layer}
        further = [(columns - 1) * spacing.column_gap for columns in folding.columns]
        self._left = [
            index * spacing.layer_gap + before for index, before in enumerate(accumulate(further[:-1], initial=0.0))
        ]
        self.width = self._left[-1] + further[-1]
        self.points = [
            Point(self._x(vertex, folding.column[vertex]), y[folding.row[vertex]] - first)
            for vertex in range(len(folding.row))
        ]

    def route(self, chain: Sequence[int]) -> list[Point]:
        """Return the polyline of an edge through these vertices, from left to right.

        In folded layers it follows the lanes between the rows.
        """
        source, *bends, target = chain
        route = [self.points[source], *self._leaving(source, chain[1])]
        for bend in bends:
            route += self._level(bend, 0, self._last_column(bend), self.points[bend].y)
        return [*route, *self._arriving(target, chain[-2]), self.points[target]]

    def _leaving(self, vertex: int, towards: int) -> list[Point]:
        """Return the points that lead from `vertex` past the nodes to its right."""
        folding, point = self._folding, self.points[vertex]
        column = folding.column[vertex]
        is_last = vertex == folding.members[folding.row[vertex]][-1]
        height = point.y if is_last else self._lane(vertex, towards)
        return self._level(vertex, column + 1, self._last_column(vertex), height)

    def _arriving(self, vertex: int, origin: int) -> list[Point]:
        """Return the points that lead past the nodes to the left of `vertex`."""
        return self._level(vertex, 0, self._folding.column[vertex] - 1, self._lane(vertex, origin))

    def _lane(self, vertex: int, other: int) -> float:
        """Return the y coordinate of the lane along the row of `vertex` on the side of `other`."""
        y = self.points[vertex].y
        side = _LANE if self.points[other].y > y else -_LANE
        return y + side * self._spacing.node_height

    def _level(self, vertex: int, first: int, last: int, height: float) -> list[Point]:
        """Return the ends of a horizontal line at y = `height` from column `first` to column `last` of a layer."""
        return [Point(self._x(vertex, column), height) for column in sorted({first, last}) if first <= last]

    def _last_column(self, vertex: int) -> int:
        return self._folding.columns[self._layer[vertex]] - 1

    def _x(self, vertex: int, column: int) -> float:
        return self._left[self._layer[vertex]] + column * self._spacing.column_gap
