"""The map as JSON: what scripts and tests in CI rely on."""

from typing import Any

from local_insights.model.application_map import ApplicationMap, Edge, Node

_DECIMALS = 3


def map_json(shown: ApplicationMap) -> dict[str, Any]:
    """The map as an object ready to be serialised.

    `{"from", "to", "nodes": [...], "edges": [...], "notes": [...]}`, with the facts of `Node` and `Edge` under their
    own names. Times are ISO 8601 in UTC, durations milliseconds and percents 0 to 100, to three decimals.
    """
    return {
        "from": shown.time_range.start.isoformat(),
        "to": shown.time_range.end.isoformat(),
        "nodes": [_node(node) for node in shown.nodes],
        "edges": [_edge(edge) for edge in shown.edges],
        "notes": list(shown.notes),
    }


def _node(node: Node) -> dict[str, Any]:
    """A node; what a group stands for is listed, other nodes have no such list."""
    facts = {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "type": node.type,
        "calls": node.calls,
        "failed": node.failed,
        "failed_percent": _rounded(node.failed_percent),
        "average_ms": _rounded(node.average_ms),
        "p50_ms": _rounded(node.p50_ms),
        "p95_ms": _rounded(node.p95_ms),
        "instances": node.instances,
    }
    return facts | ({"members": list(node.members)} if node.members else {})


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "calls": edge.calls,
        "failed": edge.failed,
        "failed_percent": _rounded(edge.failed_percent),
        "average_ms": _rounded(edge.average_ms),
        "p95_ms": _rounded(edge.p95_ms),
    }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, _DECIMALS)
