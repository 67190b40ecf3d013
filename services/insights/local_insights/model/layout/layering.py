"""Step 2: assign a layer to every vertex, and insert bends where long edges pass a layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[int, int]

_SLIDES = 8
_MAX_BENDS = 6_000
"""Maximum number of bends of a graph: far more than in a readable map, far fewer than a chain of a thousand calls with
edges across it would have."""


@dataclass(slots=True)
class Layering:
    """Layers of vertices; every edge connects adjacent layers.

    Vertices from `first_bend` on are bends, where a long edge passes a layer. `up` and `down` are the neighbours of
    each vertex in the previous and the next layer. `chains` lists the vertices of every edge, including its bends.
    Edges beyond the limit of bends are straight, and their ends are not neighbours.
    """

    layers: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]
    first_bend: int
    chains: dict[Edge, list[int]]


def layering(count: int, edges: Sequence[Edge]) -> Layering:
    """Layer an acyclic graph of vertices `0..count-1`.

    The vertices of a layer are in depth-first order, so that connected vertices start near each other.
    """
    column = _columns(count, edges)
    first = _depth_first(count, edges, column)
    layers: list[list[int]] = [[] for _ in range(max(column) + 1)]
    rank = {vertex: float(index) for index, vertex in enumerate(first)}
    for vertex in first:
        layers[column[vertex]].append(vertex)
    up: list[list[int]] = [[] for _ in range(count)]
    down: list[list[int]] = [[] for _ in range(count)]
    chains: dict[Edge, list[int]] = {}
    bends_left = _MAX_BENDS
    for source, target in sorted(edges, key=lambda edge: (column[edge[1]] - column[edge[0]], edge)):
        bends_left -= column[target] - column[source] - 1
        if bends_left < 0:
            chains[source, target] = [source, target]
            continue
        chain = [source]
        for passed in range(column[source] + 1, column[target]):
            bend = len(up)
            up.append([])
            down.append([])
            layers[passed].append(bend)
            rank[bend] = rank[source] + 0.5
            chain.append(bend)
        chain.append(target)
        for before, after in pairwise(chain):
            down[before].append(after)
            up[after].append(before)
        chains[source, target] = chain
    for layer in layers:
        layer.sort(key=lambda vertex: (rank[vertex], vertex))
    return Layering(layers, up, down, count, chains)


def _columns(count: int, edges: Sequence[Edge]) -> list[int]:
    """Return the layer of every vertex: the longest path from the entry points, then moved to shorten edges.

    A vertex moves towards the side with more edges.
    """
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    waiting = [len(callers) for callers in before]
    order = [vertex for vertex in range(count) if not waiting[vertex]]
    column = [0] * count
    for vertex in order:
        for follower in after[vertex]:
            column[follower] = max(column[follower], column[vertex] + 1)
            waiting[follower] -= 1
            if not waiting[follower]:
                order.append(follower)
    for _ in range(_SLIDES):
        moved = False
        for vertex in reversed(order):
            if len(after[vertex]) > len(before[vertex]):
                better = min(column[follower] for follower in after[vertex]) - 1
            elif len(before[vertex]) > len(after[vertex]):
                better = max(column[caller] for caller in before[vertex]) + 1
            else:
                continue
            moved |= better != column[vertex]
            column[vertex] = better
        if not moved:
            break
    leftmost = min(column)
    return [index - leftmost for index in column]


def _depth_first(count: int, edges: Sequence[Edge], column: Sequence[int]) -> list[int]:
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        after[source].append(target)
    pending = sorted(range(count), key=lambda vertex: (column[vertex], vertex), reverse=True)
    seen = [False] * count
    order: list[int] = []
    while pending:
        vertex = pending.pop()
        if not seen[vertex]:
            seen[vertex] = True
            order.append(vertex)
            pending.extend(sorted((follower for follower in after[vertex] if not seen[follower]), reverse=True))
    return order
