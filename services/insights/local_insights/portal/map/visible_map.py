"""The part of the map that a query selects: the same for the page and for all other formats."""

from dataclasses import dataclass

from local_insights.model.application_map import ApplicationMap
from local_insights.model.grouping import group_dependencies
from local_insights.model.map_filters import apply_filters
from local_insights.model.subgraph import focus_on
from local_insights.portal.map.query import MapQuery

GROUPED_ABOVE = 60
"""Maximum number of nodes without automatic grouping. Larger drawings have no space for the statistics of each node."""

MAX_DRAWN = 1_000
"""Maximum number of nodes of a drawing: the limit of Azure's map, and what browsers can pan smoothly."""


@dataclass(frozen=True, slots=True)
class VisibleMap:
    """The visible part of a map. `is_focus_unknown` is true if no node matches the focus, which is then ignored."""

    app_map: ApplicationMap
    is_focus_unknown: bool

    @property
    def is_too_large(self) -> bool:
        """True if the map has too many nodes for a drawing and can only be shown as a table."""
        return len(self.app_map.nodes) > MAX_DRAWN

    def visible_id(self, node_id: str) -> str:
        """Return the id of the group that contains the node, otherwise `node_id` itself."""
        return next((node.id for node in self.app_map.nodes if node_id in node.members), node_id)


def visible_map(whole: ApplicationMap, query: MapQuery) -> VisibleMap:
    """Apply the focus, then the filters from left to right, then the grouping."""
    focused = focus_on(whole, query.focus, query.hops) if query.focus else whole
    filtered = apply_filters(focused or whole, query.filters)
    is_grouped = query.grouping == "always" or (query.grouping == "auto" and len(filtered.nodes) > GROUPED_ABOVE)
    return VisibleMap(
        app_map=group_dependencies(filtered, query.expanded) if is_grouped else filtered,
        is_focus_unknown=focused is None and bool(whole.nodes),
    )
