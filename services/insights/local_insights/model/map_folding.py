"""Folding of very large maps: the smallest nodes of each type become one node `and N more <type>`.

Telemetry can name any number of targets and roles, for example when a random id is part of a host name. All later work
on a map, in Python and in the browser, is bounded by the number of its nodes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from local_insights.model.map_elements import EdgeTotals, Node
from local_insights.model.node_id import more_id
from local_insights.model.statistics import combined
from local_insights.model.time_limit import limited

MAX_NODES = 5_000
"""Five times the limit of a drawing. JSON, tables and text formats contain this many nodes."""

IsPreferred = Callable[[Node], bool]
"""Returns True for nodes that are folded last, such as the selected node."""

_LABELS = {
    "role": "services",
    "browser": "browsers",
    "availability": "availability tests",
    "dependency": "dependencies",
}


def fold_smallest(
    nodes: Sequence[Node], edges: EdgeTotals, is_preferred: IsPreferred, max_nodes: int = MAX_NODES
) -> tuple[list[Node], EdgeTotals]:
    """Return at most `max_nodes` nodes, plus one for each kind and type of the others, and the edges between them.

    The others are those with the fewest calls, made and received, dependencies first. The statistics of the nodes and
    edges that remain are unchanged, and those of the additional nodes are sums: totals over the map stay the same.
    """
    if len(nodes) <= max_nodes:
        return list(nodes), edges
    size: Counter[str] = Counter()
    for source, target, calls in edges.calls():
        size[source] += calls
        size[target] += calls

    ranks = [
        (not is_preferred(node), node.kind == "dependency", -max(size[node.id], node.calls), node.id, number)
        for number, node in enumerate(limited(nodes))
    ]
    ordered = [nodes[rank[-1]] for rank in sorted(ranks)]
    folded: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in ordered[max_nodes:]:
        folded[node.kind, node.type or ""].append(node)
    more = [_more(kind, dependency_type, members) for (kind, dependency_type), members in folded.items()]
    node_ids = {
        node.id: folding_node.id
        for folding_node, members in zip(more, folded.values(), strict=True)
        for node in members
    }
    return [*ordered[:max_nodes], *more], edges.renamed(node_ids)


def folding_notes(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return a note about folded nodes; none if all nodes are shown."""
    folded = sum(node.folded for node in nodes)
    if not folded:
        return ()
    note = (
        f"This map has {folded:,} more nodes, which are summed up by type because they have the fewest calls. "
        "Focus on a name, or filter by name, to see a node separately."
    )
    return (note,)


def _more(kind: str, dependency_type: str, members: Collection[Node]) -> Node:
    return Node(
        id=more_id(kind, dependency_type),
        kind="group",
        name=f"and {len(members):,} more {dependency_type or _LABELS.get(kind, kind)}",
        type=dependency_type or None,
        statistics=combined(node.statistics for node in members),
        instances=sum(node.instances for node in members),
        folded=len(members),
    )
