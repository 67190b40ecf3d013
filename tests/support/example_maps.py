"""Example maps and rows: the mesh, and graphs of three sizes."""

import json
from itertools import pairwise
from pathlib import Path

from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import CallRows, LinkRow, RoleRow, RootRequestRow
from local_insights.model.map_elements import Edge, Node
from local_insights.model.node_id import dependency_of
from local_insights.model.statistics import CallStatistics, bucket
from local_insights.model.time_range import TimeRange

GRAPHS = Path(__file__).parents[1] / "graphs"
HOUR = TimeRange(1_767_268_800_000_000, 1_767_272_400_000_000)
"""2026-01-01 12:00 to 13:00 UTC."""
MYSQL = "127.0.0.1:3306 | mesh"

_KINDS = {"client": "client", "service": "role"}
_TYPES = {"database": "SQL", "cache": "Redis", "queue": "Queue Message | Azure Service Bus", "http": "HTTP"}


def made(calls: int, failed: int = 0, each_ms: float = 10) -> CallStatistics:
    """Return statistics of calls of equal duration."""
    each_us = round(each_ms * 1000)
    return CallStatistics(calls, failed, calls * each_us, {bucket(each_us): calls})


def mesh_rows() -> CallRows:
    """Return the rows of three inputs at the prompt."""
    return CallRows(
        roles=(
            RoleRow("echo", 2, made(3, each_ms=4)),
            RoleRow("frontend", 1, made(3, each_ms=40)),
            RoleRow("storage", 1, made(3, each_ms=20)),
        ),
        links=(
            LinkRow("frontend", "echo", "HTTP", "127.0.0.1:8001", made(3, each_ms=6)),
            LinkRow("frontend", "storage", "HTTP", "127.0.0.1:8002", made(3, each_ms=22)),
            LinkRow("prompt", "frontend", "HTTP", "127.0.0.1:8000", made(3, each_ms=44)),
            LinkRow("storage", None, "MySQL", MYSQL, made(3, each_ms=2)),
        ),
        root_requests=(),
        missing_parents=(),
    )


def mesh() -> ApplicationMap:
    """Return the map of `mesh_rows`."""
    return application_map(mesh_rows(), HOUR)


def failing_mesh() -> ApplicationMap:
    """Return the map of a mesh with a client, in which one storage call in five fails."""
    rows = mesh_rows()
    return application_map(
        CallRows(
            roles=(rows.roles[0], rows.roles[1], RoleRow("storage", 1, made(10, failed=2))),
            links=(rows.links[0], LinkRow("frontend", "storage", "HTTP", "127.0.0.1:8002", made(10, failed=2))),
            root_requests=(RootRequestRow("frontend", made(100, failed=2)),),
            missing_parents=(),
        ),
        HOUR,
    )


def edge_list(name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return nodes and edges of a stored graph: `mesh5`, `shop30` or `dag200`."""
    graph = json.loads((GRAPHS / f"{name}.json").read_text())
    return [node["id"] for node in graph["nodes"]], [(edge["source"], edge["target"]) for edge in graph["edges"]]


def stored_map(name: str) -> ApplicationMap:
    """Return a stored graph as a map."""
    graph = json.loads((GRAPHS / f"{name}.json").read_text())
    nodes = [
        Node(
            id=node["id"],
            kind=_KINDS.get(node["kind"], "dependency"),  # type: ignore[arg-type] # one of the three kinds
            name=node["name"],
            type=None if node["kind"] in _KINDS else _TYPES.get(node["kind"], "Other"),
            statistics=made(node["calls"], node["failed"], node["avg_ms"]),
            instances=node["instances"],
        )
        for node in graph["nodes"]
    ]
    edges = [
        Edge(
            source=edge["source"],
            target=edge["target"],
            statistics=made(edge["calls"], edge["failed"], edge["avg_ms"]),
        )
        for edge in graph["edges"]
    ]
    return ApplicationMap(HOUR, tuple(nodes), tuple(edges), ())


def named_map(*names: str) -> ApplicationMap:
    """Return a map of roles that each call the next; the last calls a database of the same name."""
    roles = tuple(RoleRow(name, 1, made(1)) for name in names)
    links = tuple(LinkRow(caller, callee, "HTTP", "host", made(1)) for caller, callee in pairwise(names))
    database = LinkRow(names[-1], None, "MySQL", names[-1], made(1))
    return application_map(CallRows(roles, (*links, database), (), ()), HOUR)


def edges_of(shown: ApplicationMap) -> dict[tuple[str, str], tuple[int, int]]:
    """Return calls and failures of every edge, by the names of its nodes."""
    return {(_short(edge.source), _short(edge.target)): (edge.calls, edge.failed) for edge in shown.edges}


def _short(node_id: str) -> str:
    dependency = dependency_of(node_id)
    return " ".join(dependency) if dependency else node_id.partition(":")[2]
