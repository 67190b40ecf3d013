"""Sizes of the elements of a drawing, depending on the number of nodes."""

from dataclasses import dataclass
from typing import Literal

from local_insights.model.layout import Spacing


@dataclass(frozen=True, slots=True)
class Density:
    """Sizes in pixels at 100 % zoom.

    `name` is part of the drawing's class (`map-roomy`). `edge_labels` are stacked lines, one line, or absent. With
    `names_right`, names are at the right of their node and edges start after them; otherwise names are below.
    """

    name: Literal["roomy", "compact", "dense"]
    spacing: Spacing
    radius: float
    ring_width: float
    icon_size: float
    name_size: float
    name_width: float
    summary_size: float
    edge_labels: Literal["stacked", "line", "none"]
    edge_widths: tuple[float, float]
    arrow_length: float
    two_way_offset: float
    names_right: bool


_ROOMY = Density(
    name="roomy",
    spacing=Spacing(layer_gap=300, node_height=150, bend_height=44),
    radius=32,
    ring_width=5,
    icon_size=22,
    name_size=13,
    name_width=220,
    summary_size=11.5,
    edge_labels="stacked",
    edge_widths=(1.4, 3.8),
    arrow_length=10,
    two_way_offset=7,
    names_right=False,
)
_COMPACT = Density(
    name="compact",
    spacing=Spacing(layer_gap=214, node_height=96, bend_height=28),
    radius=22,
    ring_width=4,
    icon_size=17,
    name_size=11.5,
    name_width=150,
    summary_size=10,
    edge_labels="line",
    edge_widths=(1.2, 3.2),
    arrow_length=8,
    two_way_offset=7,
    names_right=False,
)
_DENSE = Density(
    name="dense",
    spacing=Spacing(layer_gap=270, node_height=30, bend_height=14),
    radius=8,
    ring_width=2.5,
    icon_size=0,
    name_size=11.5,
    name_width=130,
    summary_size=0,
    edge_labels="none",
    edge_widths=(0.9, 2.2),
    arrow_length=6,
    two_way_offset=3,
    names_right=True,
)
_MAX_ROOMY, _MAX_COMPACT = 12, 60


def density(node_count: int) -> Density:
    """Return the sizes for a number of nodes: up to 12, up to 60, or more."""
    if node_count <= _MAX_ROOMY:
        return _ROOMY
    return _COMPACT if node_count <= _MAX_COMPACT else _DENSE
