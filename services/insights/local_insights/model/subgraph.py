"""Subgraphs of a map: selected nodes, selected edges, and the surroundings of nodes that match a search text."""

from collections.abc import Collection
from dataclasses import replace

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_elements import Edge, Node


def keep_nodes(app_map: ApplicationMap, node_ids: Collection[str]) -> ApplicationMap:
    """Return the nodes with these ids and all edges between them."""
    return replace(
        app_map,
        nodes=tuple(node for node in app_map.nodes if node.id in node_ids),
        edges=tuple(edge for edge in app_map.edges if edge.source in node_ids and edge.target in node_ids),
    )


def keep_edges(app_map: ApplicationMap, edges: Collection[Edge]) -> ApplicationMap:
    """Return these edges and the nodes at their ends."""
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    return replace(app_map, nodes=tuple(node for node in app_map.nodes if node.id in ends), edges=tuple(edges))


def focus_on(app_map: ApplicationMap, text: str, hops: int) -> ApplicationMap | None:
    """Return the nodes that match `text` and their surroundings up to `hops` calls away; None if no node matches."""
    centres = find_nodes(app_map, text)
    return neighbourhood(app_map, centres, hops) if centres else None


def find_nodes(app_map: ApplicationMap, text: str) -> frozenset[str]:
    """Return the ids of the nodes with this name or id, ignoring case; if there are none, of those that contain it."""
    folded = text.casefold()

    def ids(*, exactly: bool) -> frozenset[str]:
        def matches(node: Node) -> bool:
            return folded in (node.name.casefold(), node.id.casefold()) if exactly else folded in node.name.casefold()

        return frozenset(node.id for node in app_map.nodes if matches(node))

    return ids(exactly=True) or ids(exactly=False)


def neighbourhood(app_map: ApplicationMap, centres: frozenset[str], hops: int) -> ApplicationMap:
    """Return the nodes at most `hops` calls away from `centres`, in both directions, and all edges between them."""
    included = set(centres)
    for _ in range(hops):
        included |= {
            end
            for edge in app_map.edges
            if edge.source in included or edge.target in included
            for end in (edge.source, edge.target)
        }
    return keep_nodes(app_map, included)
