"""Where the nodes of a map stand: one layout for each shape of map, steady from one refresh to the next."""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from local_insights.model.application_map import ApplicationMap
from local_insights.model.layout import Layout, Point, layered_layout
from local_insights.portal.map.drawing.density import density

_LEAST_ASPECT = 0.8
"""Width to height of a drawing, which columns of hundreds of nodes would otherwise fall far short of."""
_MOST_STRETCH, _STRETCH_STEP = 3.0, 0.5

_Shape = tuple[frozenset[str], frozenset[tuple[str, str]]]


def map_layout(shown: ApplicationMap, hint: Layout | None = None) -> Layout:
    """Lay out a map with the room that its size calls for; what `hint` knows keeps its order."""
    nodes = [node.id for node in shown.nodes]
    edges = [(edge.source, edge.target) for edge in shown.edges]
    layout = layered_layout(nodes, edges, density(len(nodes)).spacing, hint)
    return _stretched(layout, _stretch(layout))


def _stretch(layout: Layout) -> float:
    """How much further apart the columns stand when they are far higher than the drawing is wide.

    In steps, so that one node more does not move them all.
    """
    width = max((point.x for point in layout.points.values()), default=0)
    wanted = layout.height * _LEAST_ASPECT / width if width else 1
    return min(_MOST_STRETCH, max(1, wanted // _STRETCH_STEP * _STRETCH_STEP))


def _stretched(layout: Layout, factor: float) -> Layout:
    if factor == 1:
        return layout
    return replace(
        layout,
        points={name: Point(point.x * factor, point.y) for name, point in layout.points.items()},
        routes={
            edge: tuple(Point(point.x * factor, point.y) for point in route) for edge, route in layout.routes.items()
        },
    )


class LayoutMemory:
    """Remembers layouts, so that new figures move nothing and a new node moves little.

    Maps of the same nodes and edges share one layout, whatever their figures. A new shape takes the remembered layout
    that has most of its nodes as a hint, the latest of equals. Safe to use from several threads.
    """

    def __init__(self, limit: int = 32) -> None:
        self._limit = limit
        self._layouts: OrderedDict[_Shape, Layout] = OrderedDict()
        self._lock = Lock()

    def layout(self, shown: ApplicationMap) -> Layout:
        """The layout of a map."""
        nodes = frozenset(node.id for node in shown.nodes)
        shape = (nodes, frozenset((edge.source, edge.target) for edge in shown.edges))
        with self._lock:
            known = self._layouts.get(shape)
            if known is None:
                kin = max(reversed(self._layouts), key=lambda other: len(other[0] & nodes), default=None)
                known = map_layout(shown, self._layouts[kin] if kin else None)
            self._layouts[shape] = known
            self._layouts.move_to_end(shape)
            if len(self._layouts) > self._limit:
                self._layouts.popitem(last=False)
            return known
