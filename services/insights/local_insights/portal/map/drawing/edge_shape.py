"""The geometry of an edge: from the rim of one node to the rim of another, around other nodes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.health import Level, level
from local_insights.model.layout import Layout, Point
from local_insights.model.map_elements import Edge
from local_insights.portal.map.drawing.curve import Curve, flowing, loop
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.drawing.node_shape import NodeShape

_RIM_GAP = 3
_MAX_LEVEL, _MAX_LEVEL_NAMES_RIGHT = 0.22, 0.6
"""Maximum share of the gap between columns in which a passing edge is horizontal; in the rest it changes its height."""


@dataclass(frozen=True, slots=True)
class EdgeShape:
    """The line of an edge. `width` grows with the logarithm of the calls."""

    edge: Edge
    curve: Curve
    level: Level
    width: float

    @property
    def is_loop(self) -> bool:
        """True if the node calls itself."""
        return self.edge.source == self.edge.target


def edge_shapes(
    edges: Sequence[Edge], layout: Layout, nodes: Mapping[str, NodeShape], sizes: Density
) -> list[EdgeShape]:
    """Return the line of every edge. Failing edges are last, so that they are painted on top."""
    pairs = {(edge.source, edge.target) for edge in edges}
    most = max((edge.calls for edge in edges), default=1)
    router = _Router(layout, nodes, sizes)
    shapes = [
        EdgeShape(
            edge,
            router.curve(edge, is_two_way=(edge.target, edge.source) in pairs),
            level(edge.failed_percent),
            _width(edge.calls, most, sizes.edge_widths),
        )
        for edge in edges
    ]
    severity = list(Level)
    return sorted(shapes, key=lambda shape: (severity.index(shape.level), shape.edge.source, shape.edge.target))


class _Router:
    """Computes the lines of edges from a layout."""

    def __init__(self, layout: Layout, nodes: Mapping[str, NodeShape], sizes: Density) -> None:
        self._layout = layout
        self._nodes = nodes
        self._sizes = sizes
        self._level_reach = _level_reach(nodes.values(), sizes)

    def curve(self, edge: Edge, *, is_two_way: bool) -> Curve:
        """Return the line of one edge; the two edges of nodes that call each other are parallel."""
        source, target, sizes = self._nodes[edge.source], self._nodes[edge.target], self._sizes
        if edge.source == edge.target:
            rim = sizes.radius + sizes.ring_width / 2 + _RIM_GAP
            return loop(source.centre, rim, sizes.radius * 0.6, sizes.arrow_length)
        route = self._layout.routes[edge.source, edge.target]
        backwards = (edge.source, edge.target) in self._layout.reversed_edges
        offset = _offset(route, sizes, is_two_way=is_two_way, backwards=backwards)
        leave, arrive = (_left_rim, _right_rim) if backwards else (_right_rim, _left_rim)
        knots = [leave(source, offset, 0)]
        for bend in route[1:-1]:
            left, right = self._level_reach.get(bend.x, (0.0, 0.0))
            passing = [Point(bend.x - left, bend.y + offset), Point(bend.x + right, bend.y + offset)]
            knots.extend(reversed(passing) if backwards else passing)
        return flowing([*knots, arrive(target, offset, sizes.arrow_length)])


def _offset(route: Sequence[Point], sizes: Density, *, is_two_way: bool, backwards: bool) -> float:
    """Return the vertical offset of an edge, which separates it from edges in the opposite direction."""
    if is_two_way:
        return sizes.two_way_offset if backwards else -sizes.two_way_offset
    if not backwards:
        return 0.0
    return -sizes.two_way_offset if route[1].y < route[0].y else sizes.two_way_offset


def _level_reach(nodes: Iterable[NodeShape], sizes: Density) -> Mapping[float, tuple[float, float]]:
    """Return for each column how far left and right of its centre passing edges are horizontal, to avoid its nodes."""
    most = sizes.spacing.layer_gap * (_MAX_LEVEL_NAMES_RIGHT if sizes.names_right else _MAX_LEVEL)
    reach: dict[float, tuple[float, float]] = {}
    for shape in nodes:
        left, right = reach.get(shape.centre.x, (0.0, 0.0))
        reach[shape.centre.x] = (
            max(left, min(most, shape.centre.x - shape.box.left)),
            max(right, min(most, shape.box.right - shape.centre.x)),
        )
    return reach


def _rim(shape: NodeShape, offset: float, room: float) -> float:
    """Return the horizontal distance from the node's centre at which an edge with this vertical offset starts."""
    reach = shape.density.radius + shape.density.ring_width / 2 + _RIM_GAP + room
    return math.sqrt(max(reach * reach - offset * offset, 0.0))


def _left_rim(shape: NodeShape, offset: float, room: float) -> Point:
    return Point(shape.centre.x - _rim(shape, offset, room), shape.centre.y + offset)


def _right_rim(shape: NodeShape, offset: float, room: float) -> Point:
    if shape.density.names_right:
        return Point(shape.text_box.right + _RIM_GAP + room, shape.centre.y + offset)
    return Point(shape.centre.x + _rim(shape, offset, room), shape.centre.y + offset)


def _width(calls: int, most: int, widths: tuple[float, float]) -> float:
    thin, thick = widths
    return thin + (thick - thin) * (math.log(max(1, calls)) / math.log(most) if most > 1 else 0.0)
