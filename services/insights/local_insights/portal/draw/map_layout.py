"""Where the nodes of a map stand: one layout for each shape of map, steady from one refresh to the next."""

from collections import OrderedDict
from threading import Lock

from local_insights.model.application_map import ApplicationMap
from local_insights.model.layout import Layout, layered_layout
from local_insights.portal.draw.density import density

_Shape = tuple[frozenset[str], frozenset[tuple[str, str]]]


def map_layout(shown: ApplicationMap, hint: Layout | None = None) -> Layout:
    """Lay out a map with the room that its size calls for; what `hint` knows keeps its order."""
    nodes = [node.id for node in shown.nodes]
    edges = [(edge.source, edge.target) for edge in shown.edges]
    return layered_layout(nodes, edges, density(len(nodes)).spacing, hint)


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
