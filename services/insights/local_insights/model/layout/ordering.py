"""Step 3: order the vertices of each layer with few edge crossings.

The barycenter heuristic finds a first order. Sifting then moves each vertex to the position in its layer with the
fewest crossings, until nothing improves. To escape local minima, both are repeated from shuffled layers, and sifting is
repeated after small random changes of the best order.
"""

import math
import random
from bisect import bisect_right, insort
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate, pairwise

from local_insights.model.layout.layering import Layering

_SWEEPS = 24
_ROUNDS = 12
_EXPLORING, _REFINING = 30, 60
"""The number of restarts from shuffled layers, and of restarts from small changes of the best order."""
_MAX_EFFORT = 500_000
"""Maximum effort of either kind of restarts, in visited vertices."""
_MAX_SIFTING = 1_000_000
"""Maximum effort of one sifting: at a thousand nodes it leaves 4 % more crossings and takes half of the time."""
_PERTURBATION = 8
"""One vertex in this many is moved to a random position before refining."""

Layers = list[list[int]]


def count_crossings(layers: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> int:
    """Return the number of edge crossings between adjacent layers."""
    crossings = 0
    for layer, following in pairwise(layers):
        position = {vertex: index for index, vertex in enumerate(following)}
        passed: list[int] = []
        for vertex in layer:
            ends = sorted(position[neighbour] for neighbour in down[vertex])
            for end in ends:
                crossings += len(passed) - bisect_right(passed, end)
            for end in ends:
                insort(passed, end)
    return crossings


def minimize_crossings(graph: Layering) -> None:
    """Order the layers of `graph` in place to minimize crossings."""
    rng = random.Random(0)  # noqa: S311 - not for security; a fixed seed makes the layout deterministic
    best, cost = _descend(graph.layers, graph)
    fewest = count_crossings(best, graph.down)

    def explore() -> tuple[Layers, int]:
        return _descend([rng.sample(layer, len(layer)) for layer in graph.layers], graph)

    def refine() -> tuple[Layers, int]:
        perturbed = [_perturbed(layer, rng) for layer in best]
        return perturbed, _sift(perturbed, graph)

    for attempt, attempts in ((explore, _EXPLORING), (refine, _REFINING)):
        effort = 0
        for _ in range(attempts):
            if not fewest or effort + cost > _MAX_EFFORT:
                break
            found, cost = attempt()
            effort += cost
            crossings = count_crossings(found, graph.down)
            if crossings <= fewest:
                best, fewest = found, crossings
    graph.layers = best


def order_by_hint(
    graph: Layering, preferred: Callable[[int], tuple[float, float]], new_vertices: Collection[int]
) -> None:
    """Order the layers by the preferred positions (y, x), then minimize crossings by moving only `new_vertices`."""
    for layer in graph.layers:
        layer.sort(key=preferred)
    _sift(graph.layers, graph, new_vertices)


def _descend(layers: Layers, graph: Layering) -> tuple[Layers, int]:
    """Improve an order until a local minimum; return it and the effort."""
    found = _by_barycenter(layers, graph.up, graph.down)
    return found, _SWEEPS * len(graph.up) + _sift(found, graph)


def _perturbed(layer: Sequence[int], rng: random.Random) -> list[int]:
    """Return a layer with a few vertices moved to random positions."""
    perturbed = list(layer)
    for _ in range(math.ceil(len(perturbed) / _PERTURBATION)):
        vertex = perturbed.pop(rng.randrange(len(perturbed)))
        perturbed.insert(rng.randrange(len(perturbed) + 1), vertex)
    return perturbed


def _by_barycenter(layers: Layers, up: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> Layers:
    """Sweep forward and backward, sorting each layer by the mean position of the neighbours; return the best order."""
    layers = [list(layer) for layer in layers]
    best, fewest = [list(layer) for layer in layers], count_crossings(layers, down)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        columns = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
        for column in columns:
            near, reference = (up, layers[column - 1]) if forward else (down, layers[column + 1])
            position = {vertex: index for index, vertex in enumerate(reference)}
            stretch = len(reference) / max(1, len(layers[column]))
            mean = {
                vertex: sum(position[neighbour] for neighbour in near[vertex]) / len(near[vertex])
                if near[vertex]
                else index * stretch
                for index, vertex in enumerate(layers[column])
            }
            layers[column].sort(key=mean.__getitem__)
        crossings = count_crossings(layers, down)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
        if not fewest:
            break
    return best


def _sift(layers: Layers, graph: Layering, only: Collection[int] | None = None) -> int:
    """Improve `layers` in place and return the effort. Layers with unchanged adjacent layers are skipped."""
    position = [0] * len(graph.up)
    for layer in layers:
        for index, vertex in enumerate(layer):
            position[vertex] = index
    stale = [True] * len(layers)
    effort = 0
    for _ in range(_ROUNDS):
        for column, layer in enumerate(layers):
            if not stale[column]:
                continue
            before = len(layers[column - 1]) if column else 0
            after = len(layers[column + 1]) if column + 1 < len(layers) else 0
            ends = {vertex: _ends(vertex, graph, position, before) for vertex in layer}
            movable = sorted(layer if only is None else set(layer).intersection(only))
            moved = [_move_to_best(vertex, layer, ends, before, before + after) for vertex in movable]
            effort += len(movable) * len(layer)
            for index, vertex in enumerate(layer):
                position[vertex] = index
            stale[column] = False
            if any(moved):
                around = slice(max(0, column - 1), column + 2)
                stale[around] = [True] * len(stale[around])
        if not any(stale) or effort > _MAX_SIFTING:
            break
    return effort


def _ends(vertex: int, graph: Layering, position: Sequence[int], before: int) -> list[int]:
    """Return the positions of the neighbours: in the previous layer from 0, in the next layer from `before`."""
    return [
        *(position[neighbour] for neighbour in graph.up[vertex]),
        *(before + position[neighbour] for neighbour in graph.down[vertex]),
    ]


def _move_to_best(vertex: int, layer: list[int], ends: dict[int, list[int]], before: int, ends_count: int) -> bool:
    """Move one vertex to the position with the fewest crossings, the nearest of equals; return True if it moved.

    An edge of another vertex to position p crosses every edge of `vertex` to a position above p if the other vertex is
    above `vertex`, and every edge to a position below p if it is below. `cost_of_end[p]` is the difference.
    """
    own = ends[vertex]
    marks = [0] * ends_count
    for end in own:
        marks[end] += 1
    cost_of_end: list[int] = []
    for side in (marks[:before], marks[before:]):
        total = sum(side)
        cost_of_end.extend(2 * upto - mark - total for upto, mark in zip(accumulate(side), side, strict=True))
    at = layer.index(vertex)
    rest = layer[:at] + layer[at + 1 :]
    costs = [0, *accumulate(sum(map(cost_of_end.__getitem__, ends[other])) for other in rest)]
    least = min(costs)
    if least == costs[at]:
        return False
    target = min((abs(index - at), index) for index, cost in enumerate(costs) if cost == least)[1]
    layer[:] = [*rest[:target], vertex, *rest[target:]]
    return True
