"""Layouts of maps, cached by nodes and edges, so that the map is stable between refreshes."""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from local_insights.model.application_map import ApplicationMap
from local_insights.model.layout import Layout, Point, layered_layout
from local_insights.portal.map.drawing.density import density

_MIN_ASPECT = 0.8
"""Minimum width to height that stretching tries to reach; drawings with columns of hundreds of nodes are narrower."""
_MAX_STRETCH, _STRETCH_STEP = 3.0, 0.5

_Graph = tuple[frozenset[str], frozenset[tuple[str, str]]]


def map_layout(app_map: ApplicationMap, hint: Layout | None = None) -> Layout:
    """Lay out a map with the spacing for its number of nodes; the nodes of `hint` keep their order."""
    nodes = [node.id for node in app_map.nodes]
    edges = [(edge.source, edge.target) for edge in app_map.edges]
    layout = layered_layout(nodes, edges, density(len(nodes)).spacing, hint)
    return _stretched(layout, _stretch(layout))


def _stretch(layout: Layout) -> float:
    """Return the factor for the distance of the columns if the drawing is much higher than wide.

    It is rounded to steps, so that one additional node does not move all columns.
    """
    width = max((point.x for point in layout.points.values()), default=0)
    factor = layout.height * _MIN_ASPECT / width if width else 1
    return min(_MAX_STRETCH, max(1, factor // _STRETCH_STEP * _STRETCH_STEP))


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


class LayoutCache:
    """An LRU cache of layouts: new statistics move no node, and a new node moves few others.

    Maps with the same nodes and edges share one layout. For a new graph, the cached layout with the most common nodes
    is the hint, the most recent one of equals. Thread-safe.
    """

    def __init__(self, limit: int = 32) -> None:
        self._limit = limit
        self._layouts: OrderedDict[_Graph, Layout] = OrderedDict()
        self._lock = Lock()

    def layout(self, app_map: ApplicationMap) -> Layout:
        """Return the layout of a map."""
        nodes = frozenset(node.id for node in app_map.nodes)
        graph = (nodes, frozenset((edge.source, edge.target) for edge in app_map.edges))
        with self._lock:
            layout = self._layouts.get(graph)
            if layout is None:
                similar = max(reversed(self._layouts), key=lambda other: len(other[0] & nodes), default=None)
                layout = map_layout(app_map, self._layouts[similar] if similar else None)
            self._layouts[graph] = layout
            self._layouts.move_to_end(graph)
            if len(self._layouts) > self._limit:
                self._layouts.popitem(last=False)
            return layout
