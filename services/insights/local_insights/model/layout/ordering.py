"""Step 3: order the vertices of each layer with few edge crossings.

The barycenter heuristic finds a first order. Sifting then moves each vertex to the position in its layer with the
fewest crossings, until nothing improves. To escape local minima, both are repeated from shuffled layers, and sifting is
repeated after small random changes of the best order.
"""

import math
import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate, chain, pairwise

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
            ends = _LayerEnds(
                layer, [_ends(vertex, graph, position, before) for vertex in layer], before, before + after
            )
            movable = sorted(layer if only is None else set(layer).intersection(only))
            moved = [ends.move_to_best(vertex) for vertex in movable]
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


class _LayerEnds:
    """A layer, and the ends of its edges as one flat list in the order of the layer.

    Flat lists let the inner loops run in C: sifting is the larger part of a layout's time.
    """

    def __init__(self, layer: list[int], ends: Sequence[list[int]], before: int, ends_count: int) -> None:
        self._layer = layer
        self._ends = dict(zip(layer, ends, strict=True))
        self._before = before
        self._ends_count = ends_count
        self._flatten()

    def move_to_best(self, vertex: int) -> bool:
        """Move one vertex to the position with the fewest crossings, the nearest of equals; return True if it moved.

        An edge of another vertex to position p crosses every edge of `vertex` to a position above p if the other vertex
        is above `vertex`, and every edge to a position below p if it is below. `cost_of_end[p]` is the difference.
        """
        own = sorted(self._ends[vertex])
        split = bisect_left(own, self._before)
        cost_of_end = _costs(own[:split], 0, self._before) + _costs(own[split:], self._before, self._ends_count)
        at = self._layer.index(vertex)
        first, last = self._bounds[at], self._bounds[at + 1]
        others = self._flat[:first] + self._flat[last:]
        bounds = [*self._bounds[: at + 1], *(bound - len(own) for bound in self._bounds[at + 2 :])]
        sums = list(accumulate(map(cost_of_end.__getitem__, others), initial=0))
        costs = [sums[bound] for bound in bounds]
        least = min(costs)
        if least == costs[at]:
            return False
        target = _nearest(costs, least, at)
        del self._layer[at]
        self._layer.insert(target, vertex)
        self._flatten()
        return True

    def _flatten(self) -> None:
        ends = [self._ends[vertex] for vertex in self._layer]
        self._flat = list(chain.from_iterable(ends))
        self._bounds = list(accumulate(map(len, ends), initial=0))


def _nearest(costs: list[int], least: int, at: int) -> int:
    """Return the index of `least` that is nearest to `at`, the lower one of two."""
    above, below = costs[:at][::-1], costs[at:]
    up = above.index(least) + 1 if least in above else len(costs)
    down = below.index(least) if least in below else len(costs)
    return at - up if up <= down else at + down


def _costs(own: Sequence[int], start: int, stop: int) -> list[int]:
    """Return for each position from `start` to `stop`: the number of `own` ends above it, minus those below it."""
    costs: list[int] = []
    for index, end in enumerate(own):
        costs += [2 * index - len(own)] * (end - start - len(costs))
        if end - start == len(costs):
            costs.append(index + bisect_right(own, end) - len(own))
    costs += [len(own)] * (stop - start - len(costs))
    return costs
