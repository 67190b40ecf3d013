"""Step 5: how high everything stands.

Every vertex is drawn to the mean height of its neighbours; the order within a column and the room that each vertex
needs are kept exactly. For one column that is isotonic regression, solved by pooling neighbours that would overlap.

Reference:
    Barlow, Bartholomew, Bremner and Brunk, "Statistical inference under order restrictions", 1972 (pool adjacent
    violators).
"""

from collections.abc import Sequence

from local_insights.model.layout.layering import Layering

_SWEEPS = 48
_LAST_SWEEPS = 12
"""The last sweeps look at both sides at once, which settles what the sweeps to and fro keep pulling."""
_STRAIGHTNESS = (1.0, 2.0, 8.0)
"""Pull between two vertices by how many of them are bends: long edges run straight first."""
_INERTIA = 0.05
"""Weight of a vertex without neighbours in staying where it is."""


def heights(graph: Layering, room: Sequence[float]) -> list[float]:
    """The y coordinate of every vertex, such that neighbours in a column are at least their rooms apart.

    Args:
        graph: the layered graph, its columns in order from top to bottom.
        room: the height that each vertex takes up, centred on it.
    """
    y = [0.0] * len(graph.up)
    for layer in graph.layers:
        edge = -sum(room[vertex] for vertex in layer) / 2
        for vertex in layer:
            y[vertex] = edge + room[vertex] / 2
            edge += room[vertex]
    pulls_up = [_pulls(vertex, near, graph.first_bend) for vertex, near in enumerate(graph.up)]
    pulls_down = [_pulls(vertex, near, graph.first_bend) for vertex, near in enumerate(graph.down)]
    pulls_both = [[*above, *below] for above, below in zip(pulls_up, pulls_down, strict=True)]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        pulls = pulls_both if sweep >= _SWEEPS - _LAST_SWEEPS else pulls_up if forward else pulls_down
        for layer in graph.layers if forward else reversed(graph.layers):
            _settle(layer, room, pulls, y)
    return y


def _pulls(vertex: int, near: Sequence[int], first_bend: int) -> list[tuple[int, float]]:
    return [(other, _STRAIGHTNESS[(vertex >= first_bend) + (other >= first_bend)]) for other in near]


def _settle(
    layer: Sequence[int], room: Sequence[float], pulls: Sequence[Sequence[tuple[int, float]]], y: list[float]
) -> None:
    """Set the heights of one column to the least squares of the pulls under the order of the column.

    Shifting every vertex up by the room that those above it take turns "at least so far apart" into "not descending";
    a run of vertices that would overlap then shares one mean.
    """
    shifts: list[float] = []
    shift = 0.0
    runs: list[tuple[float, float, int]] = []
    for index, vertex in enumerate(layer):
        if index:
            shift += (room[layer[index - 1]] + room[vertex]) / 2
        shifts.append(shift)
        if near := pulls[vertex]:
            weight = sum(pull for _, pull in near)
            total = sum(pull * y[other] for other, pull in near) - weight * shift
        else:
            weight = _INERTIA
            total = weight * (y[vertex] - shift)
        length = 1
        while runs and runs[-1][0] * weight >= total * runs[-1][1]:
            above_total, above_weight, above_length = runs.pop()
            total, weight, length = total + above_total, weight + above_weight, length + above_length
        runs.append((total, weight, length))
    index = 0
    for total, weight, length in runs:
        for _ in range(length):
            y[layer[index]] = total / weight + shifts[index]
            index += 1
