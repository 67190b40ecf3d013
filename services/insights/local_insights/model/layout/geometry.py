"""Points and distances of a drawing."""

from dataclasses import dataclass
from typing import NamedTuple

_COLUMN_GAP_SHARE = 2 / 3
"""Columns of one layer are closer than layers, because fewer edges change their height between them."""


class Point(NamedTuple):
    """A point of the drawing; x grows to the right, y downwards."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances in the drawing's unit.

    `layer_gap` is the distance between the centres of adjacent layers. `node_height` is the height that a node occupies
    in its layer, `bend_height` the height that a passing edge occupies.
    """

    layer_gap: float
    node_height: float
    bend_height: float

    @property
    def column_gap(self) -> float:
        """The distance between the centres of adjacent columns of one layer."""
        return self.layer_gap * _COLUMN_GAP_SHARE
