"""A part of a map: some nodes and what is a few calls away from them."""

from local_insights.model.application_map import ApplicationMap, Node
from local_insights.model.map_part import with_nodes

MOST_HOPS = 5


def focused(whole: ApplicationMap, words: str, hops: int) -> ApplicationMap | None:
    """The nodes that are called `words`, and what is at most `hops` calls away; None when no node is called so."""
    centres = nodes_named(whole, words)
    return neighbourhood(whole, centres, hops) if centres else None


def nodes_named(whole: ApplicationMap, words: str) -> frozenset[str]:
    """Ids of the nodes that are called `words`, whatever the case; failing that, of those whose name contains them."""
    wanted = words.casefold()

    def ids(*, exactly: bool) -> frozenset[str]:
        def matches(node: Node) -> bool:
            return wanted in (node.name.casefold(), node.id.casefold()) if exactly else wanted in node.name.casefold()

        return frozenset(node.id for node in whole.nodes if matches(node))

    return ids(exactly=True) or ids(exactly=False)


def neighbourhood(whole: ApplicationMap, centres: frozenset[str], hops: int) -> ApplicationMap:
    """The nodes at most `hops` calls away from the centres, callers and callees alike, and all calls among them."""
    kept = set(centres)
    for _ in range(hops):
        kept |= {
            end
            for edge in whole.edges
            if edge.source in kept or edge.target in kept
            for end in (edge.source, edge.target)
        }
    return with_nodes(whole, kept)
