"""Parts of a map: what is left when some of its nodes or connectors are taken away."""

from collections.abc import Collection
from dataclasses import replace

from local_insights.model.application_map import ApplicationMap, Edge


def with_nodes(whole: ApplicationMap, kept: Collection[str]) -> ApplicationMap:
    """The nodes with these ids, and all calls among them."""
    return replace(
        whole,
        nodes=tuple(node for node in whole.nodes if node.id in kept),
        edges=tuple(edge for edge in whole.edges if edge.source in kept and edge.target in kept),
    )


def with_edges(whole: ApplicationMap, kept: Collection[Edge]) -> ApplicationMap:
    """These connectors, and the nodes at their ends."""
    ends = {end for edge in kept for end in (edge.source, edge.target)}
    return replace(whole, nodes=tuple(node for node in whole.nodes if node.id in ends), edges=tuple(kept))
