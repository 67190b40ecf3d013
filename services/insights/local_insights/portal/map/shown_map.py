"""The part of the map that a question asks for, the same on the page and in every twin."""

from dataclasses import dataclass

from local_insights.model.application_map import ApplicationMap
from local_insights.model.grouping import grouped
from local_insights.model.map_filters import filtered
from local_insights.portal.map.focus import focused
from local_insights.portal.map.query import MapQuery

GROUPED_ABOVE = 60
"""Nodes up to which a drawing has room for names and figures below every node; larger maps group like dependencies."""

MOST_DRAWN = 1_000
"""Nodes that a drawing may have: what Azure draws, and what a browser still pans without a hitch."""


@dataclass(frozen=True, slots=True)
class ShownMap:
    """What is shown; `is_focus_unknown` when no node answers to the focus, so that it narrowed nothing."""

    part: ApplicationMap
    is_focus_unknown: bool

    @property
    def is_too_large(self) -> bool:
        """Whether it can only be shown as a table."""
        return len(self.part.nodes) > MOST_DRAWN

    def selected(self, node_id: str) -> str:
        """The id of the node that stands for a node: the group it is part of, else itself."""
        return next((node.id for node in self.part.nodes if node_id in node.members), node_id)


def shown_map(whole: ApplicationMap, query: MapQuery) -> ShownMap:
    """Narrow the map by the focus, then by the filters from left to right, and group what is left."""
    part = focused(whole, query.focus, query.hops) if query.focus else whole
    left = filtered(part or whole, query.filters)
    is_grouped = query.grouping == "always" or (query.grouping == "auto" and len(left.nodes) > GROUPED_ABOVE)
    return ShownMap(
        part=grouped(left, query.expanded) if is_grouped else left,
        is_focus_unknown=part is None and bool(whole.nodes),
    )
