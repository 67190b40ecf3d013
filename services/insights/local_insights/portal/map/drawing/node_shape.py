"""The geometry of a node: its disc, its ring of health, its name."""

import math
from dataclasses import dataclass

from local_insights.model.application_map import Node
from local_insights.model.health import Level, Thresholds, level
from local_insights.model.layout import Point
from local_insights.portal.formats import percent
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import number
from local_insights.portal.map.drawing.density import Density
from local_insights.portal.map.labels import instances, node_figures, node_name, plain, shortened, text_width

_SMALLEST_ARC = 0.05
_LARGEST_ARC = 0.97
_GAP_PX = 2.5
_LINE_HEIGHT = 1.3


@dataclass(frozen=True, slots=True)
class NodeShape:
    """A node where it stands, with the words that it wears."""

    node: Node
    centre: Point
    density: Density
    level: Level
    name: str
    figures: str
    badge: str
    """The words inside the disc: the share of failed calls when it is bad, else the number of instances."""
    has_health: bool
    """Clients, browsers and roles that served nothing have a grey ring: nothing is known of their health."""

    @property
    def disc_box(self) -> Box:
        """Disc and ring."""
        reach = self.density.radius + self.density.ring_width
        return Box(self.centre.x - reach, self.centre.y - reach, self.centre.x + reach, self.centre.y + reach)

    @property
    def name_anchor(self) -> Point:
        """The baseline of the name: its left end when it stands beside the node, else its middle."""
        if self.density.names_beside:
            return Point(self.disc_box.right + 4, self.centre.y + self.density.name_size * 0.35)
        return Point(self.centre.x, self.disc_box.bottom + self.density.name_size * 1.05)

    @property
    def figures_baseline(self) -> float:
        """The baseline of the figures."""
        return self.name_anchor.y + self.density.figures_size * _LINE_HEIGHT

    @property
    def name_width(self) -> float:
        """How wide the name is."""
        return text_width(self.name, self.density.name_size, bold=True)

    @property
    def text_box(self) -> Box:
        """Name and figures."""
        anchor = self.name_anchor
        top = anchor.y - self.density.name_size
        if self.density.names_beside:
            return Box(anchor.x, top, anchor.x + self.name_width, anchor.y + 3)
        half = max(self.name_width, text_width(self.figures, self.density.figures_size)) / 2
        return Box(anchor.x - half, top, anchor.x + half, self.figures_baseline + 4)

    @property
    def box(self) -> Box:
        """Everything."""
        disc, text = self.disc_box, self.text_box
        return Box(
            min(disc.left, text.left),
            min(disc.top, text.top),
            max(disc.right, text.right),
            max(disc.bottom, text.bottom),
        )


def node_shape(node: Node, centre: Point, sizes: Density, thresholds: Thresholds) -> NodeShape:
    """Put a node's figures into the words and the level that its drawing shows."""
    has_health = node.kind not in ("client", "browser") and node.calls > 0
    health = level(node.failed_percent, thresholds) if has_health else Level.OK
    return NodeShape(
        node=node,
        centre=centre,
        density=sizes,
        level=health,
        name=shortened(node_name(node), sizes.name_size, sizes.name_width, bold=True),
        figures=_figures(node, sizes) if sizes.figures_size else "",
        badge=(instances(node) if health is Level.OK else percent(node.failed_percent)) if sizes.icon_size else "",
        has_health=has_health,
    )


def _figures(node: Node, sizes: Density) -> str:
    """The figures, after the type of a dependency where there is room for it; the icon tells the kind anyway."""
    figures = node_figures(node)
    kind = plain(node.type or "")
    whole = f"{kind} · {figures}"
    has_room = text_width(whole, sizes.figures_size) <= sizes.name_width
    return whole if kind and kind != node_name(node) and node.kind != "group" and has_room else figures


def ring_arcs(shape: NodeShape) -> tuple[str, str]:
    """Path data of the healthy and of the failed part of the ring, empty for a part that is the whole or nothing.

    The failed part begins at the top and is at least 5 % of the ring, so that one failure in a thousand is seen; gaps
    set it off for those who cannot tell the colours apart.
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
