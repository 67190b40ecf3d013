"""The units of a drawing: its points, and how far things stand apart."""

from dataclasses import dataclass
from typing import NamedTuple

_SIDE_BY_SIDE = 2 / 3
"""Between nodes of one layer fewer edges turn than between layers."""


class Point(NamedTuple):
    """A place on the drawing; x grows to the right, y downwards."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far things stand apart, in the drawing's unit.

    `layer_gap` lies between the centres of neighbouring layers; a node takes up `node_height` of its column, an edge
    that passes the column `bend_height`.
    """

    layer_gap: float
    node_height: float
    bend_height: float

    @property
    def column_gap(self) -> float:
        """Between the centres of neighbouring columns of one layer."""
        return self.layer_gap * _SIDE_BY_SIDE
