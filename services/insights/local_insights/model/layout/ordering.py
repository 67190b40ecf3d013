"""Step 3: who stands above whom, with few crossings.

Barycentres give a good first order quickly; sifting then takes vertex after vertex out of its column and puts it back
where it crosses least, until nothing improves. Restarts from shuffled columns, then small
kicks to the best order found, reach what one descent misses.
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
"""How many times restarts explore, then kicks refine."""
_EFFORT = 500_000
"""What either may cost a large graph, in vertices looked at."""
_MOST_SIFTING = 1_000_000
"""What one descent may cost: a thousand nodes keep 4 % more crossings for half of the time."""
_KICK = 8
"""One vertex in so many is thrown elsewhere before refining."""

Layers = list[list[int]]


def count_crossings(layers: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> int:
    """How often edges between neighbouring columns cross."""
    crossings = 0
    for layer, following in pairwise(layers):
        place = {vertex: index for index, vertex in enumerate(following)}
        passed: list[int] = []
        for vertex in layer:
            ends = sorted(place[neighbour] for neighbour in down[vertex])
            for end in ends:
                crossings += len(passed) - bisect_right(passed, end)
            for end in ends:
                insort(passed, end)
    return crossings


def order_anew(graph: Layering) -> None:
    """Order the columns of `graph` for few crossings."""
    dice = random.Random(0)  # noqa: S311 - seeded on purpose: the same graph gives the same picture
    best, cost = _descend(graph.layers, graph)
    fewest = count_crossings(best, graph.down)

    def explore() -> tuple[Layers, int]:
        return _descend([dice.sample(layer, len(layer)) for layer in graph.layers], graph)

    def refine() -> tuple[Layers, int]:
        kicked = [_kicked(layer, dice) for layer in best]
        return kicked, _sift(kicked, graph)

    for attempt, attempts in ((explore, _EXPLORING), (refine, _REFINING)):
        effort = 0
        for _ in range(attempts):
            if not fewest or effort + cost > _EFFORT:
                break
            found, cost = attempt()
            effort += cost
            crossings = count_crossings(found, graph.down)
            if crossings <= fewest:
                best, fewest = found, crossings
    graph.layers = best


def order_by_wish(graph: Layering, wish: Callable[[int], tuple[float, float]], newcomers: Collection[int]) -> None:
    """Order the columns by the places (y, x) that vertices had before, and look for a place only for `newcomers`."""
    for layer in graph.layers:
        layer.sort(key=wish)
    _sift(graph.layers, graph, newcomers)


def _descend(layers: Layers, graph: Layering) -> tuple[Layers, int]:
    """From any order to a good one nearby; gives it with the effort it took."""
    found = _by_barycenter(layers, graph.up, graph.down)
    return found, _SWEEPS * len(graph.up) + _sift(found, graph)


def _kicked(layer: Sequence[int], dice: random.Random) -> list[int]:
    """A column with a few of its vertices thrown elsewhere."""
    kicked = list(layer)
    for _ in range(math.ceil(len(kicked) / _KICK)):
        vertex = kicked.pop(dice.randrange(len(kicked)))
        kicked.insert(dice.randrange(len(kicked) + 1), vertex)
    return kicked


def _by_barycenter(layers: Layers, up: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> Layers:
    """Sweep to and fro, sorting each column by the mean place of the neighbours; the best order seen is kept."""
    layers = [list(layer) for layer in layers]
    best, fewest = [list(layer) for layer in layers], count_crossings(layers, down)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        columns = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
        for column in columns:
            near, reference = (up, layers[column - 1]) if forward else (down, layers[column + 1])
            place = {vertex: index for index, vertex in enumerate(reference)}
            stretch = len(reference) / max(1, len(layers[column]))
            mean = {
                vertex: sum(place[neighbour] for neighbour in near[vertex]) / len(near[vertex])
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
    """Improve `layers` in place; gives the steps it took. Columns whose surroundings are unchanged are passed over."""
    place = [0] * len(graph.up)
    for layer in layers:
        for index, vertex in enumerate(layer):
            place[vertex] = index
    stale = [True] * len(layers)
    effort = 0
    for _ in range(_ROUNDS):
        for column, layer in enumerate(layers):
            if not stale[column]:
                continue
            before = len(layers[column - 1]) if column else 0
            after = len(layers[column + 1]) if column + 1 < len(layers) else 0
            ends = {vertex: _ends(vertex, graph, place, before) for vertex in layer}
            movable = sorted(layer if only is None else set(layer).intersection(only))
            moved = [_resettle(vertex, layer, ends, before, before + after) for vertex in movable]
            effort += len(movable) * len(layer)
            for index, vertex in enumerate(layer):
                place[vertex] = index
            stale[column] = False
            if any(moved):
                around = slice(max(0, column - 1), column + 2)
                stale[around] = [True] * len(stale[around])
        if not any(stale) or effort > _MOST_SIFTING:
            break
    return effort


def _ends(vertex: int, graph: Layering, place: Sequence[int], before: int) -> list[int]:
    """The places of the neighbours: of the column before from 0, of the column after from `before`."""
    return [
        *(place[neighbour] for neighbour in graph.up[vertex]),
        *(before + place[neighbour] for neighbour in graph.down[vertex]),
    ]


def _resettle(vertex: int, layer: list[int], ends: dict[int, list[int]], before: int, ends_count: int) -> bool:
    """Move one vertex to where it crosses least; the nearest of equals. Says whether that saved a crossing.

    Another vertex that ends at place p crosses, when it stands above, every edge of `vertex` to a place above p, and
    when below, every edge to a place below p: `cost_of_end[p]` is the difference.
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
