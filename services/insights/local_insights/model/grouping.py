"""Like dependencies drawn as one, so that large maps stay readable.

Reference:
    "Troubleshoot Application Map", Microsoft Learn: dependencies with the same type and the same callers are grouped.
"""

from collections.abc import Collection
from dataclasses import replace

from local_insights.model.application_map import ApplicationMap, EdgeSums, Node
from local_insights.model.node_id import group_id
from local_insights.model.statistics import CallStatistics

FEWEST = 3
"""Dependencies that make a group: two names say more than "2 HTTP" and take hardly more room."""


def grouped(shown: ApplicationMap, expanded: Collection[str] = ()) -> ApplicationMap:
    """The map with one node, `N <type>`, for all dependencies of one type that the same nodes call.

    Its figures are those of all its members. The groups with ids in `expanded` are left apart.
    """
    callers: dict[str, set[str]] = {}
    for edge in shown.edges:
        callers.setdefault(edge.target, set()).add(edge.source)
    alike: dict[str, list[Node]] = {}
    for node in shown.nodes:
        if node.kind == "dependency" and node.id in callers:
            alike.setdefault(group_id(node.type or "", callers[node.id]), []).append(node)
    groups = {key: members for key, members in alike.items() if len(members) >= FEWEST and key not in expanded}
    group_of = {node.id: key for key, members in groups.items() for node in members}
    edges = EdgeSums()
    for edge in shown.edges:
        edges.add(group_of.get(edge.source, edge.source), group_of.get(edge.target, edge.target), edge.measured)
    apart = [node for node in shown.nodes if node.id not in group_of]
    together = [_group(key, members) for key, members in groups.items()]
    return replace(shown, nodes=tuple(sorted((*apart, *together), key=lambda node: node.id)), edges=edges.sorted())


def _group(key: str, members: list[Node]) -> Node:
    kind = members[0].type or ""
    return Node(
        id=key,
        kind="group",
        name=f"{len(members):,} {kind or 'dependencies'}",
        type=kind,
        measured=sum((node.measured for node in members), CallStatistics()),
        members=tuple(node.id for node in members),
    )
