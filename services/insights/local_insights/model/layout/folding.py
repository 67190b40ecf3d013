"""Step 4: fold layers of hundreds of nodes, so that a large map fills the screen.

A layer of 450 nodes in one column is very high and narrow: fitted to a screen, its nodes are a pixel or two apart. Such
a layer is split into rows of several nodes, in the order of the layer. Edges run between the rows; a bend always has a
row of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.layout.geometry import Spacing
from local_insights.model.layout.layering import Layering

_MAX_UNFOLDED = 200
"""Maximum number of nodes of a graph whose layers are not folded."""
_ASPECT = 1.6
"""Approximate width to height of a screen."""
_MAX_ROWS, _ROWS_STEP = 4096, 7 / 8
"""The row counts to try: fixed steps, so that one additional node does not change the folding of all layers."""
_MAX_ROWS_FACTOR = 1.1
"""Maximum rows of a layer relative to a compact folding, for the sake of nodes that stay in their earlier rows."""


@dataclass(frozen=True, slots=True)
class Folding:
    """Layers split into rows.

    - `rows`: the graph of the rows. Its vertices are rows of nodes and, from `first_bend` on, single bends.
    - `members`: the vertices of each row from left to right.
    - `row`, `column`: the position of each vertex; columns are counted from 0 within each layer.
    - `columns`: the number of columns of each layer.
    """

    rows: Layering
    members: list[list[int]]
    row: list[int]
    column: list[int]
    columns: list[int]

    @property
    def layers(self) -> list[list[int]]:
        """The vertices of each layer, row after row."""
        return [[vertex for row in layer for vertex in self.members[row]] for layer in self.rows.layers]


def columns_for_screen(graph: Layering, spacing: Spacing) -> list[int]:
    """Return the number of columns of each layer: the fewest at which a large drawing has the shape of a screen."""
    nodes = [sum(vertex < graph.first_bend for vertex in layer) for layer in graph.layers]
    columns = [1] * len(nodes)
    rows = _MAX_ROWS
    while graph.first_bend > _MAX_UNFOLDED and rows:
        columns = [max(1, math.ceil(count / rows)) for count in nodes]
        height = max(
            math.ceil(count / width) * spacing.node_height + (len(layer) - count) * spacing.bend_height
            for layer, count, width in zip(graph.layers, nodes, columns, strict=True)
        )
        width = len(columns) * spacing.layer_gap + (sum(columns) - len(columns)) * spacing.column_gap
        if width >= height * _ASPECT:
            break
        rows = int(rows * _ROWS_STEP)
    return columns


def fold(graph: Layering, columns: Sequence[int], before: Mapping[int, float]) -> Folding:
    """Split the layers of `graph` into rows.

    Args:
        graph: the layered graph, its layers in order.
        columns: the maximum number of nodes of a row, for each layer.
        before: y coordinates of vertices in an earlier layout. Vertices of different rows stay in different rows, as
            long as the layer does not need many more rows.
    """
    layers = [
        _stable_rows(layer, limit, graph, before) if limit > 1 else [[vertex] for vertex in layer]
        for layer, limit in zip(graph.layers, columns, strict=True)
    ]
    members = [row for layer in layers for row in layer if row[0] < graph.first_bend]
    first_bend = len(members)
    members += [row for layer in layers for row in layer if row[0] >= graph.first_bend]
    row_of, column_of = [0] * len(graph.up), [0] * len(graph.up)
    for number, row in enumerate(members):
        for column, vertex in enumerate(row):
            row_of[vertex], column_of[vertex] = number, column
    rows = Layering(
        layers=[[row_of[row[0]] for row in layer] for layer in layers],
        up=[[row_of[other] for vertex in row for other in graph.up[vertex]] for row in members],
        down=[[row_of[other] for vertex in row for other in graph.down[vertex]] for row in members],
        first_bend=first_bend,
        chains={},
    )
    return Folding(rows, members, row_of, column_of, list(columns))


def _stable_rows(layer: Sequence[int], limit: int, graph: Layering, before: Mapping[int, float]) -> list[list[int]]:
    stable, compact = _rows(layer, limit, graph, before), _rows(layer, limit, graph, {})
    return stable if len(stable) <= len(compact) * _MAX_ROWS_FACTOR else compact


def _rows(layer: Sequence[int], limit: int, graph: Layering, before: Mapping[int, float]) -> list[list[int]]:
    """Fill the rows of a layer in its order; a bend between nodes of one row moves below the row.

    Vertices of one earlier row share a row only with each other and with new vertices. Nodes without outgoing edges are
    at the left of their row, so that edges out of the row are short.
    """
    rows: list[list[int]] = []
    row: list[int] = []
    bends: list[list[int]] = []
    row_before: float | None = None
    for vertex in layer:
        if vertex >= graph.first_bend:
            (bends if row else rows).append([vertex])
            continue
        if row and (len(row) == limit or before.get(vertex, row_before) != row_before):
            rows += [row, *bends]
            row, bends = [], []
        if not row:
            row_before = before.get(vertex)
        row.append(vertex)
    rows += [row, *bends] if row else []
    for row in rows:
        row.sort(key=lambda vertex: bool(graph.down[vertex]))
    return rows
