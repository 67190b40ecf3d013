"""The geometry and texts of a node: disc, health ring, name, summary and badge."""

import math
from dataclasses import dataclass

from local_insights.model.health import Level, level
from local_insights.model.layout import Point
from local_insights.model.map_elements import Node
from local_insights.portal.formats import percent, single_line
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.labels import instances, node_name, node_summary, shorten, text_width

_SMALLEST_ARC = 0.05
_LARGEST_ARC = 0.97
_GAP_PX = 2.5
_LINE_HEIGHT = 1.3


@dataclass(frozen=True, slots=True)
class NodeShape:
    """The position, sizes and texts of a node."""

    node: Node
    centre: Point
    density: Density
    level: Level
    name: str
    summary: str
    badge: str
    """The text inside the disc: the failed percentage of a failing node, otherwise the number of instances."""
    has_health: bool
    """False for clients, browsers and roles without requests; their ring is grey."""

    @property
    def disc_box(self) -> Box:
        """The box of the disc and the ring."""
        reach = self.density.radius + self.density.ring_width
        return Box(self.centre.x - reach, self.centre.y - reach, self.centre.x + reach, self.centre.y + reach)

    @property
    def name_anchor(self) -> Point:
        """A point on the baseline of the name: its left end if the name is right of the node, otherwise its middle."""
        if self.density.names_right:
            return Point(self.disc_box.right + 4, self.centre.y + self.density.name_size * 0.35)
        return Point(self.centre.x, self.disc_box.bottom + self.density.name_size * 1.05)

    @property
    def summary_baseline(self) -> float:
        """The y coordinate of the summary's baseline."""
        return self.name_anchor.y + self.density.summary_size * _LINE_HEIGHT

    @property
    def name_width(self) -> float:
        """The estimated width of the name."""
        return text_width(self.name, self.density.name_size, bold=True)

    @property
    def text_box(self) -> Box:
        """The box of name and summary."""
        anchor = self.name_anchor
        top = anchor.y - self.density.name_size
        if self.density.names_right:
            return Box(anchor.x, top, anchor.x + self.name_width, anchor.y + 3)
        half = max(self.name_width, text_width(self.summary, self.density.summary_size)) / 2
        return Box(anchor.x - half, top, anchor.x + half, self.summary_baseline + 4)

    @property
    def box(self) -> Box:
        """The box of all elements."""
        disc, text = self.disc_box, self.text_box
        return Box(
            min(disc.left, text.left),
            min(disc.top, text.top),
            max(disc.right, text.right),
            max(disc.bottom, text.bottom),
        )


def node_shape(node: Node, centre: Point, sizes: Density) -> NodeShape:
    """Return the shape of a node at `centre`."""
    has_health = node.kind not in ("client", "browser") and node.calls > 0
    health = level(node.failed_percent) if has_health else Level.OK
    return NodeShape(
        node=node,
        centre=centre,
        density=sizes,
        level=health,
        name=shorten(node_name(node), sizes.name_size, sizes.name_width, bold=True),
        summary=_summary(node, sizes) if sizes.summary_size else "",
        badge=(instances(node) if health is Level.OK else percent(node.failed_percent)) if sizes.icon_size else "",
        has_health=has_health,
    )


def _summary(node: Node, sizes: Density) -> str:
    """Return the summary, preceded by the dependency type if there is space for it; the icon also shows the type."""
    summary = node_summary(node)
    kind = single_line(node.type or "")
    with_type = f"{kind} · {summary}"
    fits = text_width(with_type, sizes.summary_size) <= sizes.name_width
    return with_type if kind and kind != node_name(node) and node.kind != "group" and fits else summary


def ring_arcs(shape: NodeShape) -> tuple[str, str]:
    """Return the path data of the healthy and the failed part of the ring; both are empty if the ring has one part.

    The failed part starts at the top and covers at least 5 % of the ring, so that one failure in a thousand is visible.
    Gaps separate the parts for users who cannot distinguish the colours.
    """
    failed = shape.node.failed_percent / 100 if shape.has_health else 0.0
    if not failed or failed > _LARGEST_ARC:
        return "", ""
    failed = max(failed, _SMALLEST_ARC)
    gap = _GAP_PX / (2 * math.pi * shape.density.radius)
    return _arc(shape, failed + gap, 1 - gap), _arc(shape, 0, failed)


def _arc(shape: NodeShape, begin: float, end: float) -> str:
    radius = shape.density.radius
    start, stop = (
        Point(
            shape.centre.x + radius * math.sin(2 * math.pi * share),
            shape.centre.y - radius * math.cos(2 * math.pi * share),
        )
        for share in (begin, end)
    )
    large = int(end - begin > 0.5)  # noqa: PLR2004 - more than half a circle
    return f"M{number(start.x)},{number(start.y)}A{radius:g},{radius:g} 0 {large} 1 {number(stop.x)},{number(stop.y)}"
