"""Compute points and routes for named nodes and edges."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.layout.acyclic import edges_to_reverse
from local_insights.model.layout.folding import columns_for_screen, fold
from local_insights.model.layout.geometry import Point, Spacing
from local_insights.model.layout.layering import Layering, layering
from local_insights.model.layout.ordering import count_crossings, minimize_crossings, order_by_hint
from local_insights.model.layout.placement import Placement

NamedEdge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Points of nodes and routes of edges. The top left corner of the drawing is (0, 0).

    - `points`: the centre of each node.
    - `routes`: the polyline of each edge, from the source's point past other nodes to the target's point.
    - `bends`: the y coordinate of each edge in each layer that it passes.
    - `reversed_edges`: edges that run from right to left.
    - `crossings`: the number of edge crossings between layers.
    - `height`: the height of the drawing.
    """

    points: Mapping[str, Point]
    routes: Mapping[NamedEdge, tuple[Point, ...]]
    bends: Mapping[NamedEdge, tuple[float, ...]]
    reversed_edges: frozenset[NamedEdge]
    crossings: int
    height: float


def layered_layout(
    nodes: Iterable[str], edges: Iterable[NamedEdge], spacing: Spacing, hint: Layout | None = None
) -> Layout:
    """Lay out a graph from left to right.

    Args:
        nodes: the names of all nodes; duplicates are ignored.
        edges: (source, target) pairs of these names; duplicates are ignored, self-loops have no route.
        spacing: distances.
        hint: an earlier layout. Its nodes keep their order, so that a refresh does not rearrange the map; only new
            nodes are ordered to minimize crossings.

    Raises:
        KeyError: an edge ends at a node that is not in `nodes`.
    """
    names = sorted(set(nodes))
    number = {name: index for index, name in enumerate(names)}
    links = sorted({(number[source], number[target]) for source, target in edges if source != target})
    components = _components(len(names), links)
    points: dict[str, Point] = {}
    routes: dict[NamedEdge, tuple[Point, ...]] = {}
    bends: dict[NamedEdge, tuple[float, ...]] = {}
    reversed_edges: set[NamedEdge] = set()
    crossings, top, width = 0, 0.0, 0.0
    for members in components:
        if len(members) == 1:
            continue
        component = _Component([names[vertex] for vertex in members], _renumber(members, links), spacing, hint)
        crossings += component.crossings
        points.update(component.points(top))
        routes.update(component.routes(top))
        bends.update(component.bends(top))
        reversed_edges.update(component.reversed_edges)
        width = max(width, component.width)
        top += component.height
    isolated = [names[members[0]] for members in components if len(members) == 1]
    columns = max(1 + int(width / spacing.layer_gap), math.isqrt(len(isolated)))
    for index, name in enumerate(isolated):
        row, column = divmod(index, columns)
        points[name] = Point(column * spacing.layer_gap, top + (row + 0.5) * spacing.node_height)
    top += math.ceil(len(isolated) / columns) * spacing.node_height
    return Layout(points, routes, bends, frozenset(reversed_edges), crossings, top)


class _Component:
    """The layout of one connected component."""

    def __init__(
        self, names: Sequence[str], edges: Sequence[tuple[int, int]], spacing: Spacing, hint: Layout | None
    ) -> None:
        self._names = names
        reverse = edges_to_reverse(len(names), edges)
        forward = sorted(
            {(target, source) if (source, target) in reverse else (source, target) for source, target in edges}
        )
        graph = layering(len(names), forward)
        earlier = _earlier_positions(graph, names, hint) if hint else {}
        if earlier:
            _order_as_before(graph, earlier)
        else:
            minimize_crossings(graph)
        before = {vertex: position.y for vertex, position in earlier.items()}
        folding = fold(graph, columns_for_screen(graph, spacing), before)
        self.crossings = count_crossings(folding.layers, graph.down)
        self.reversed_edges = {(names[source], names[target]) for source, target in reverse}
        self._placement = Placement(folding, spacing)
        self.width, self.height = self._placement.width, self._placement.height
        self._chains = {
            (source, target): graph.chains[(target, source) if (source, target) in reverse else (source, target)]
            for source, target in edges
        }

    def points(self, top: float) -> dict[str, Point]:
        """Return the points of the nodes if the component starts at y = `top`."""
        return {name: _shift_down(self._placement.points[vertex], top) for vertex, name in enumerate(self._names)}

    def routes(self, top: float) -> dict[NamedEdge, tuple[Point, ...]]:
        """Return the routes of the edges if the component starts at y = `top`."""
        routes = {}
        for (source, target), chain in self._chains.items():
            route = [_shift_down(point, top) for point in self._placement.route(chain)]
            routes[self._names[source], self._names[target]] = tuple(route if chain[0] == source else reversed(route))
        return routes

    def bends(self, top: float) -> dict[NamedEdge, tuple[float, ...]]:
        """Return the y coordinates of the edges in the layers they pass if the component starts at y = `top`."""
        bends = {}
        for (source, target), chain in self._chains.items():
            passed = [top + self._placement.points[vertex].y for vertex in chain[1:-1]]
            bends[self._names[source], self._names[target]] = tuple(passed if chain[0] == source else reversed(passed))
        return bends


def _shift_down(point: Point, top: float) -> Point:
    return Point(point.x, point.y + top)


def _earlier_positions(graph: Layering, names: Sequence[str], hint: Layout) -> dict[int, Point]:
    """Return the positions of nodes and bends in `hint`; empty if it contains none of the nodes."""
    positions = {vertex: hint.points[name] for vertex, name in enumerate(names) if name in hint.points}
    for chain in graph.chains.values() if positions else ():
        source, target = names[chain[0]], names[chain[-1]]
        bends = hint.bends.get((source, target)) or hint.bends.get((target, source), ())[::-1]
        if len(bends) == len(chain) - 2:
            positions.update((bend, Point(0.0, y)) for bend, y in zip(chain[1:-1], bends, strict=True))
    return positions


def _order_as_before(graph: Layering, positions: Mapping[int, Point]) -> None:
    """Order by earlier positions. New vertices start near their neighbours and are then moved to reduce crossings."""
    new_vertices = {vertex for layer in graph.layers for vertex in layer if vertex not in positions}

    def preferred(vertex: int) -> tuple[float, float]:
        if vertex in positions:
            return positions[vertex].y, positions[vertex].x
        near = [positions[other].y for other in (*graph.up[vertex], *graph.down[vertex]) if other in positions]
        return (sum(near) / len(near) if near else math.inf), math.inf

    order_by_hint(graph, preferred, new_vertices)


def _renumber(members: Sequence[int], links: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    number = {vertex: index for index, vertex in enumerate(members)}
    return [(number[source], number[target]) for source, target in links if source in number]


def _components(count: int, links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected components, largest first, the vertices of each in ascending order."""
    near: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        near[source].append(target)
        near[target].append(source)
    seen = [False] * count
    components: list[list[int]] = []
    for start in range(count):
        if seen[start]:
            continue
        seen[start] = True
        component = [start]
        for vertex in component:
            for other in near[vertex]:
                if not seen[other]:
                    seen[other] = True
                    component.append(other)
        components.append(sorted(component))
    return sorted(components, key=lambda component: (-len(component), component))
