"""Step 5: assign y coordinates.

Every vertex is moved towards the mean y of its neighbours, under two constraints: the order within a layer and the
height that each vertex needs. For one layer this is isotonic regression, solved by pooling vertices that would overlap.

Reference:
    Barlow, Bartholomew, Bremner and Brunk, "Statistical inference under order restrictions", 1972 (pool adjacent
    violators).
"""

from collections.abc import Sequence

from local_insights.model.layout.layering import Layering

_SWEEPS = 48
_LAST_SWEEPS = 12
"""The last sweeps use the neighbours of both sides, which ends the oscillation between forward and backward sweeps."""
_STRAIGHTNESS = (1.0, 2.0, 8.0)
"""Weight of the edge between two vertices by the number of bends among them: straight long edges have priority."""
_INERTIA = 0.05
"""Weight of the current position of a vertex without neighbours."""


def heights(graph: Layering, room: Sequence[float]) -> list[float]:
    """Return the y coordinate of every vertex, without overlaps within a layer.

    Args:
        graph: the layered graph, each layer ordered from top to bottom.
        room: the height that each vertex occupies, centred on it.
    """
    y = [0.0] * len(graph.up)
    for layer in graph.layers:
        edge = -sum(room[vertex] for vertex in layer) / 2
        for vertex in layer:
            y[vertex] = edge + room[vertex] / 2
            edge += room[vertex]
    weights_up = [_weights(vertex, near, graph.first_bend) for vertex, near in enumerate(graph.up)]
    weights_down = [_weights(vertex, near, graph.first_bend) for vertex, near in enumerate(graph.down)]
    weights_both = [[*above, *below] for above, below in zip(weights_up, weights_down, strict=True)]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        weights = weights_both if sweep >= _SWEEPS - _LAST_SWEEPS else weights_up if forward else weights_down
        for layer in graph.layers if forward else reversed(graph.layers):
            _fit_layer(layer, room, weights, y)
    return y


def _weights(vertex: int, near: Sequence[int], first_bend: int) -> list[tuple[int, float]]:
    return [(other, _STRAIGHTNESS[(vertex >= first_bend) + (other >= first_bend)]) for other in near]


def _fit_layer(
    layer: Sequence[int], room: Sequence[float], weights: Sequence[Sequence[tuple[int, float]]], y: list[float]
) -> None:
    """Set the y coordinates of one layer to the weighted least-squares fit under the order of the layer.

    Each vertex is shifted up by the height of the vertices above it, which turns the minimum distances into a monotonic
    order. Vertices that would overlap form a run that shares one mean.
    """
    shifts: list[float] = []
    shift = 0.0
    runs: list[tuple[float, float, int]] = []
    for index, vertex in enumerate(layer):
        if index:
            shift += (room[layer[index - 1]] + room[vertex]) / 2
        shifts.append(shift)
        if near := weights[vertex]:
            weight = sum(share for _, share in near)
            total = sum(share * y[other] for other, share in near) - weight * shift
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
