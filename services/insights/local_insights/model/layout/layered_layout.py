"""From named nodes and edges to points and routes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.layout.acyclic import edges_against_flow
from local_insights.model.layout.folding import columns_for_screen, fold
from local_insights.model.layout.geometry import Point, Spacing
from local_insights.model.layout.layering import Layering, layering
from local_insights.model.layout.ordering import count_crossings, order_anew, order_by_wish
from local_insights.model.layout.placing import Places

NamedEdge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands. The drawing begins at (0, 0).

    `routes` runs from the source's point past the nodes between to the target's point; `bends` says at which height it
    passes each layer between. `against_flow` names the edges that lead back to the left; `crossings` counts crossings
    between layers.
    """

    points: Mapping[str, Point]
    routes: Mapping[NamedEdge, tuple[Point, ...]]
    bends: Mapping[NamedEdge, tuple[float, ...]]
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
    bends: dict[NamedEdge, tuple[float, ...]] = {}
    against_flow: set[NamedEdge] = set()
    crossings, top, width = 0, 0.0, 0.0
    for members in parts:
        if len(members) == 1:
            continue
        part = _Part([names[vertex] for vertex in members], _renumbered(members, links), spacing, hint)
        crossings += part.crossings
        points.update(part.points(top))
        routes.update(part.routes(top))
        bends.update(part.bends(top))
        against_flow.update(part.against_flow)
        width = max(width, part.width)
        top += part.height
    lonely = [names[members[0]] for members in parts if len(members) == 1]
    columns = max(1 + int(width / spacing.layer_gap), math.isqrt(len(lonely)))
    for index, name in enumerate(lonely):
        row, column = divmod(index, columns)
        points[name] = Point(column * spacing.layer_gap, top + (row + 0.5) * spacing.node_height)
    top += math.ceil(len(lonely) / columns) * spacing.node_height
    return Layout(points, routes, bends, frozenset(against_flow), crossings, top)


class _Part:
    """One connected part of the drawing, laid out by itself."""

    def __init__(
        self, names: Sequence[str], edges: Sequence[tuple[int, int]], spacing: Spacing, hint: Layout | None
    ) -> None:
        self._names = names
        turned = edges_against_flow(len(names), edges)
        forward = sorted(
            {(target, source) if (source, target) in turned else (source, target) for source, target in edges}
        )
        graph = layering(len(names), forward)
        wishes = _earlier_places(graph, names, hint) if hint else {}
        if wishes:
            _order_as_before(graph, wishes)
        else:
            order_anew(graph)
        before = {vertex: place.y for vertex, place in wishes.items()}
        folding = fold(graph, columns_for_screen(graph, spacing), before)
        self.crossings = count_crossings(folding.layers, graph.down)
        self.against_flow = {(names[source], names[target]) for source, target in turned}
        self._places = Places(folding, spacing)
        self.width, self.height = self._places.width, self._places.height
        self._chains = {
            (source, target): graph.chains[(target, source) if (source, target) in turned else (source, target)]
            for source, target in edges
        }

    def points(self, top: float) -> dict[str, Point]:
        """Where the nodes stand when the part begins at `top`."""
        return {name: _lowered(self._places.points[vertex], top) for vertex, name in enumerate(self._names)}

    def routes(self, top: float) -> dict[NamedEdge, tuple[Point, ...]]:
        """Where the edges run when the part begins at `top`."""
        routes = {}
        for (source, target), chain in self._chains.items():
            route = [_lowered(point, top) for point in self._places.route(chain)]
            routes[self._names[source], self._names[target]] = tuple(route if chain[0] == source else reversed(route))
        return routes

    def bends(self, top: float) -> dict[NamedEdge, tuple[float, ...]]:
        """How high the edges pass the layers between when the part begins at `top`."""
        bends = {}
        for (source, target), chain in self._chains.items():
            passed = [top + self._places.points[vertex].y for vertex in chain[1:-1]]
            bends[self._names[source], self._names[target]] = tuple(passed if chain[0] == source else reversed(passed))
        return bends


def _lowered(point: Point, top: float) -> Point:
    return Point(point.x, point.y + top)


def _earlier_places(graph: Layering, names: Sequence[str], hint: Layout) -> dict[int, Point]:
    """Where nodes and bends stood, as far as `hint` knows; nothing when it knows no node."""
    places = {vertex: hint.points[name] for vertex, name in enumerate(names) if name in hint.points}
    for chain in graph.chains.values() if places else ():
        source, target = names[chain[0]], names[chain[-1]]
        bends = hint.bends.get((source, target)) or hint.bends.get((target, source), ())[::-1]
        if len(bends) == len(chain) - 2:
            places.update((bend, Point(0.0, y)) for bend, y in zip(chain[1:-1], bends, strict=True))
    return places


def _order_as_before(graph: Layering, places: Mapping[int, Point]) -> None:
    """Order by earlier places; what is new goes near its neighbours, and is then sifted to a better place."""
    newcomers = {vertex for layer in graph.layers for vertex in layer if vertex not in places}

    def wish(vertex: int) -> tuple[float, float]:
        if vertex in places:
            return places[vertex].y, places[vertex].x
        near = [places[other].y for other in (*graph.up[vertex], *graph.down[vertex]) if other in places]
        return (sum(near) / len(near) if near else math.inf), math.inf

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
