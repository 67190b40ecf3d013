"""Step 1: make the graph acyclic by reversing edges."""

from collections import deque
from collections.abc import Sequence

Edge = tuple[int, int]


def edges_to_reverse(count: int, edges: Sequence[Edge]) -> set[Edge]:
    """Return the edges to reverse so that the graph of vertices `0..count-1` has no cycle.

    Edges that increase the distance from the entry points are never reversed. Each of the others is reversed only if it
    closes a cycle. `edges` must not contain self-loops or duplicates.
    """
    followers: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        followers[source].append(target)
    depth = _depths(count, edges, followers)
    forward: list[list[int]] = [[] for _ in range(count)]
    candidates: list[Edge] = []
    for source, target in edges:
        if depth[source] < depth[target]:
            forward[source].append(target)
        else:
            candidates.append((source, target))
    reversed_edges: set[Edge] = set()
    for source, target in sorted(candidates, key=lambda edge: (depth[edge[0]] - depth[edge[1]], edge)):
        if _is_reachable(target, source, forward):
            reversed_edges.add((source, target))
        else:
            forward[source].append(target)
    return reversed_edges


def _depths(count: int, edges: Sequence[Edge], followers: Sequence[Sequence[int]]) -> list[int]:
    """Return the distance from the entry points.

    A component without an entry point is entered at the vertex with the most outgoing edges.
    """
    has_caller = [False] * count
    for _, target in edges:
        has_caller[target] = True
    depth = [-1] * count
    _breadth_first([vertex for vertex in range(count) if not has_caller[vertex]], depth, followers)
    for vertex in sorted(range(count), key=lambda vertex: (-len(followers[vertex]), vertex)):
        if depth[vertex] < 0:
            _breadth_first([vertex], depth, followers)
    return depth


def _breadth_first(entries: Sequence[int], depth: list[int], followers: Sequence[Sequence[int]]) -> None:
    for entry in entries:
        depth[entry] = 0
    pending = deque(entries)
    while pending:
        vertex = pending.popleft()
        for follower in followers[vertex]:
            if depth[follower] < 0:
                depth[follower] = depth[vertex] + 1
                pending.append(follower)


def _is_reachable(start: int, goal: int, followers: Sequence[Sequence[int]]) -> bool:
    pending, seen = [start], {start}
    while pending:
        vertex = pending.pop()
        if vertex == goal:
            return True
        for follower in followers[vertex]:
            if follower not in seen:
                seen.add(follower)
                pending.append(follower)
    return False
