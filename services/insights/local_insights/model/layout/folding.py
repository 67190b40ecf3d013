"""Step 4: fold layers of hundreds of nodes, so that a large map uses the screen.

A column of 450 nodes makes a drawing like a thread: fitted to a screen, its nodes are a pixel or two apart beside much
empty room. Such a layer becomes rows of nodes side by side that follow each other in the order of the layer. Edges run
between the rows; a bend, which an edge passes through, keeps a row for itself.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.layout.geometry import Spacing
from local_insights.model.layout.layering import Layering

_MOST_UNFOLDED = 200
"""Nodes of a graph that is read as it is, column by column."""
_ASPECT = 1.6
"""Width to height of a screen, about."""
_MOST_ROWS, _FEWER_ROWS = 4096, 7 / 8
"""The numbers of rows that are tried: in fixed steps, so that one node more does not fold everything anew."""
_LOOSE = 1.1
"""How many more rows than needed a layer may have, so that nodes stay in the rows that they were in."""


@dataclass(frozen=True, slots=True)
class Folding:
    """Layers as rows.

    `rows` is the graph of the rows: its vertices are rows of nodes and, from `first_bend` on, single bends. `members`
    lists the vertices of each row from left to right; `row` and `column` give the place of each vertex, columns
    counted from 0 in each layer, and `columns` how many of them each layer has.
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
    """How many nodes of each layer stand side by side: as few as give a large drawing the shape of a screen."""
    nodes = [sum(vertex < graph.first_bend for vertex in layer) for layer in graph.layers]
    columns = [1] * len(nodes)
    rows = _MOST_ROWS
    while graph.first_bend > _MOST_UNFOLDED and rows:
        columns = [max(1, math.ceil(count / rows)) for count in nodes]
        height = max(
            math.ceil(count / side_by_side) * spacing.node_height + (len(layer) - count) * spacing.bend_height
            for layer, count, side_by_side in zip(graph.layers, nodes, columns, strict=True)
        )
        width = len(columns) * spacing.layer_gap + (sum(columns) - len(columns)) * spacing.column_gap
        if width >= height * _ASPECT:
            break
        rows = int(rows * _FEWER_ROWS)
    return columns


def fold(graph: Layering, columns: Sequence[int], before: Mapping[int, float]) -> Folding:
    """Arrange the layers of `graph` in rows.

    Args:
        graph: the layered graph, its layers in order.
        columns: how many nodes a row has at most, layer by layer.
        before: the height at which vertices stood earlier. Those that stood in different rows stay in different
            rows, as long as that does not spread a layer much.
    """
    layers = [
        _rows_kept(layer, most, graph, before) if most > 1 else [[vertex] for vertex in layer]
        for layer, most in zip(graph.layers, columns, strict=True)
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


def _rows_kept(layer: Sequence[int], most: int, graph: Layering, before: Mapping[int, float]) -> list[list[int]]:
    kept, anew = _rows(layer, most, graph, before), _rows(layer, most, graph, {})
    return kept if len(kept) <= len(anew) * _LOOSE else anew


def _rows(layer: Sequence[int], most: int, graph: Layering, before: Mapping[int, float]) -> list[list[int]]:
    """Fill row after row; a bend that is met inside a row stands below it.

    What was in a row before shares one only with what was in the same, and with newcomers. What calls nobody stands
    left in its row, so that the lines out of the row are short.
    """
    rows: list[list[int]] = []
    row: list[int] = []
    bends: list[list[int]] = []
    row_before: float | None = None
    for vertex in layer:
        if vertex >= graph.first_bend:
            (bends if row else rows).append([vertex])
            continue
        if row and (len(row) == most or before.get(vertex, row_before) != row_before):
            rows += [row, *bends]
            row, bends = [], []
        if not row:
            row_before = before.get(vertex)
        row.append(vertex)
    rows += [row, *bends] if row else []
    for row in rows:
        row.sort(key=lambda vertex: bool(graph.down[vertex]))
    return rows
