"""From named nodes and edges to points and routes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from local_insights.model.layout.acyclic import edges_against_flow
from local_insights.model.layout.coordinates import heights
from local_insights.model.layout.layering import Layering, layering
from local_insights.model.layout.ordering import count_crossings, order_anew, order_by_wish

NamedEdge = tuple[str, str]


class Point(NamedTuple):
    """A place on the drawing; x grows to the right, y downwards."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far things stand apart, in the drawing's unit.

    `layer_gap` lies between the centres of neighbouring columns; a node takes up `node_height` of its column, an edge
    that passes the column `bend_height`.
    """

    layer_gap: float
    node_height: float
    bend_height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands. The drawing begins at (0, 0).

    `routes` runs from the source's point through the bends to the target's point; `against_flow` names the edges that
    lead back to the left; `crossings` counts crossings between columns.
    """

    points: Mapping[str, Point]
    routes: Mapping[NamedEdge, tuple[Point, ...]]
    against_flow: frozenset[NamedEdge]
    crossings: int
    height: float


def layered_layout(
    nodes: Iterable[str], edges: Iterable[NamedEdge], spacing: Spacing, hint: Layout | None = None
) -> Layout:
    """Lay out a graph from left to right.

    Args:
        nodes: the names of all nodes; repeated ones count once.
        edges: (source, target) pairs of these names; repeated ones count once, a node's edge to itself has no route.
        spacing: distances.
        hint: an earlier layout. What it knows keeps its order, so that a refresh shuffles nothing; only newcomers
            look for a place.

    Raises:
        KeyError: an edge ends at a node that is not named.
    """
    names = sorted(set(nodes))
    number = {name: index for index, name in enumerate(names)}
    links = sorted({(number[source], number[target]) for source, target in edges if source != target})
    parts = _components(len(names), links)
    points: dict[str, Point] = {}
    routes: dict[NamedEdge, tuple[Point, ...]] = {}
    against_flow: set[NamedEdge] = set()
    crossings, top, columns = 0, 0.0, 1
    for members in parts:
        if len(members) == 1:
            continue
        part = _Part([names[vertex] for vertex in members], _renumbered(members, links), spacing, hint)
        crossings += part.crossings
        points.update(part.points(top))
        routes.update(part.routes(top))
        against_flow.update(part.against_flow)
        columns = max(columns, part.columns)
        top += part.height
    lonely = [names[members[0]] for members in parts if len(members) == 1]
    columns = max(columns, math.isqrt(len(lonely)))
    for index, name in enumerate(lonely):
        row, column = divmod(index, columns)
        points[name] = Point(column * spacing.layer_gap, top + (row + 0.5) * spacing.node_height)
    top += math.ceil(len(lonely) / columns) * spacing.node_height
    return Layout(points, routes, frozenset(against_flow), crossings, top)


class _Part:
    """One connected part of the drawing, laid out by itself."""

    def __init__(
        self, names: Sequence[str], edges: Sequence[tuple[int, int]], spacing: Spacing, hint: Layout | None
    ) -> None:
        self._names = names
        self._spacing = spacing
        turned = edges_against_flow(len(names), edges)
        forward = sorted(
            {(target, source) if (source, target) in turned else (source, target) for source, target in edges}
        )
        graph = layering(len(names), forward)
        if hint and not hint.points.keys().isdisjoint(names):
            _order_as_before(graph, names, hint)
        else:
            order_anew(graph)
        self.crossings = count_crossings(graph.layers, graph.down)
        self.columns = len(graph.layers)
        self.against_flow = {(names[source], names[target]) for source, target in turned}
        room = [spacing.node_height if vertex < len(names) else spacing.bend_height for vertex in range(len(graph.up))]
        y = heights(graph, room)
        first = min(y[vertex] - room[vertex] / 2 for vertex in range(len(y)))
        self.height = max(y[vertex] + room[vertex] / 2 for vertex in range(len(y))) - first
        column = {vertex: index for index, layer in enumerate(graph.layers) for vertex in layer}
        self._places = [Point(column[vertex] * spacing.layer_gap, y[vertex] - first) for vertex in range(len(y))]
        self._chains = {
            (source, target): graph.chains[target, source][::-1]
            if (source, target) in turned
            else graph.chains[source, target]
            for source, target in edges
        }

    def points(self, top: float) -> dict[str, Point]:
        """Where the nodes stand when the part begins at `top`."""
        return {name: _lowered(self._places[vertex], top) for vertex, name in enumerate(self._names)}

    def routes(self, top: float) -> dict[NamedEdge, tuple[Point, ...]]:
        """Where the edges run when the part begins at `top`."""
        return {
            (self._names[source], self._names[target]): tuple(_lowered(self._places[vertex], top) for vertex in chain)
            for (source, target), chain in self._chains.items()
        }


def _lowered(point: Point, top: float) -> Point:
    return Point(point.x, point.y + top)


def _order_as_before(graph: Layering, names: Sequence[str], hint: Layout) -> None:
    """Order by earlier heights; what is new goes near its neighbours, and is then sifted to a better place."""
    wishes = {vertex: hint.points[name].y for vertex, name in enumerate(names) if name in hint.points}
    for chain in graph.chains.values():
        source, target = names[chain[0]], names[chain[-1]]
        route = hint.routes.get((source, target)) or hint.routes.get((target, source), ())[::-1]
        if len(route) == len(chain):
            wishes.update((bend, point.y) for bend, point in zip(chain[1:-1], route[1:-1], strict=True))
    newcomers = {vertex for layer in graph.layers for vertex in layer if vertex not in wishes}

    def wish(vertex: int) -> float:
        if vertex in wishes:
            return wishes[vertex]
        near = [wishes[other] for other in (*graph.up[vertex], *graph.down[vertex]) if other in wishes]
        return sum(near) / len(near) if near else math.inf

    order_by_wish(graph, wish, newcomers)


def _renumbered(members: Sequence[int], links: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    number = {vertex: index for index, vertex in enumerate(members)}
    return [(number[source], number[target]) for source, target in links if source in number]


def _components(count: int, links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The connected parts, largest first; the members of each in ascending order."""
    near: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        near[source].append(target)
        near[target].append(source)
    seen = [False] * count
    parts: list[list[int]] = []
    for start in range(count):
        if seen[start]:
            continue
        seen[start] = True
        part = [start]
        for vertex in part:
            for other in near[vertex]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        parts.append(sorted(part))
    return sorted(parts, key=lambda part: (-len(part), part))
