"""Group dependencies of the same type and callers, so that large maps stay readable.

Reference:
    "Troubleshoot Application Map", Microsoft Learn: dependencies with the same type and the same callers are grouped.
"""

from collections.abc import Collection
from dataclasses import replace

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_elements import EdgeTotals, Node
from local_insights.model.node_id import group_id
from local_insights.model.statistics import combined
from local_insights.model.time_limit import limited

MIN_GROUP_SIZE = 3
"""Minimum number of dependencies in a group: two names are more useful than "2 HTTP" and need little more space."""


def group_dependencies(app_map: ApplicationMap, expanded: Collection[str] = ()) -> ApplicationMap:
    """Replace dependencies of the same type and callers by one node named `N <type>`.

    The group's statistics are the sum of its members. Groups whose id is in `expanded` are not grouped.
    """
    callers: dict[str, set[str]] = {}
    for edge in app_map.edges:
        callers.setdefault(edge.target, set()).add(edge.source)
    candidates: dict[str, list[Node]] = {}
    for node in app_map.nodes:
        if node.kind == "dependency" and node.id in callers:
            candidates.setdefault(group_id(node.type or "", callers[node.id]), []).append(node)
    groups = {
        key: members for key, members in candidates.items() if len(members) >= MIN_GROUP_SIZE and key not in expanded
    }
    group_of = {node.id: key for key, members in groups.items() for node in members}
    edges = EdgeTotals()
    for edge in limited(app_map.edges):
        edges.add(group_of.get(edge.source, edge.source), group_of.get(edge.target, edge.target), edge.statistics)
    ungrouped = [node for node in app_map.nodes if node.id not in group_of]
    group_nodes = [_group(key, members) for key, members in groups.items()]
    nodes = tuple(sorted((*ungrouped, *group_nodes), key=lambda node: node.id))
    return replace(app_map, nodes=nodes, edges=edges.sorted())


def _group(key: str, members: list[Node]) -> Node:
    kind = members[0].type or ""
    return Node(
        id=key,
        kind="group",
        name=f"{len(members):,} {kind or 'dependencies'}",
        type=kind,
        statistics=combined(node.statistics for node in members),
        members=tuple(node.id for node in members),
    )
