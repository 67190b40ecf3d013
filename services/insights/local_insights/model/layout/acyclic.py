"""Step 1: give a graph with cycles a direction."""

from collections import deque
from collections.abc import Sequence

Edge = tuple[int, int]


def edges_against_flow(count: int, edges: Sequence[Edge]) -> set[Edge]:
    """The edges to turn round so that vertices `0..count-1` have no cycle.

    Edges that lead away from the entry points are kept first. Of the others each is kept that closes no cycle, so that
    no more are turned than needed for this order. Without self-loops and repeated edges in `edges`.
    """
    followers: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        followers[source].append(target)
    depth = _depths(count, edges, followers)
    kept: list[list[int]] = [[] for _ in range(count)]
    doubtful: list[Edge] = []
    for source, target in edges:
        if depth[source] < depth[target]:
            kept[source].append(target)
        else:
            doubtful.append((source, target))
    against: set[Edge] = set()
    for source, target in sorted(doubtful, key=lambda edge: (depth[edge[0]] - depth[edge[1]], edge)):
        if _leads_to(target, source, kept):
            against.add((source, target))
        else:
            kept[source].append(target)
    return against


def _depths(count: int, edges: Sequence[Edge], followers: Sequence[Sequence[int]]) -> list[int]:
    """Breadth-first distance from the entries; a part without entry is entered where most edges leave."""
    has_caller = [False] * count
    for _, target in edges:
        has_caller[target] = True
    depth = [-1] * count
    _spread([vertex for vertex in range(count) if not has_caller[vertex]], depth, followers)
    for vertex in sorted(range(count), key=lambda vertex: (-len(followers[vertex]), vertex)):
        if depth[vertex] < 0:
            _spread([vertex], depth, followers)
    return depth


def _spread(entries: Sequence[int], depth: list[int], followers: Sequence[Sequence[int]]) -> None:
    for entry in entries:
        depth[entry] = 0
    pending = deque(entries)
    while pending:
        vertex = pending.popleft()
        for follower in followers[vertex]:
            if depth[follower] < 0:
                depth[follower] = depth[vertex] + 1
                pending.append(follower)


def _leads_to(start: int, goal: int, followers: Sequence[Sequence[int]]) -> bool:
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
