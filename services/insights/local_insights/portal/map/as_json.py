"""The map as JSON, for scripts and tests."""

from typing import Any

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_elements import Edge, Node
from local_insights.model.time_limit import limited

_DECIMALS = 3


def map_json(app_map: ApplicationMap) -> dict[str, Any]:
    """Return the map as a JSON object.

    `{"from", "to", "nodes": [...], "edges": [...], "notes": [...]}`, with the fields of `Node` and `Edge`. Times are
    ISO 8601 in UTC, durations are milliseconds and percents 0 to 100, both with three decimals. `calls` and `failed`
    are estimates if `items`, the number of items received, is less; `squared_weights` is the sum of their squared
    weights.
    """
    return {
        "from": app_map.time_range.start.isoformat(),
        "to": app_map.time_range.end.isoformat(),
        "nodes": [_node(node) for node in limited(app_map.nodes)],
        "edges": [_edge(edge) for edge in limited(app_map.edges)],
        "notes": list(app_map.notes),
    }


def _node(node: Node) -> dict[str, Any]:
    """Return a node.

    Only groups have the field `members`, only a node that replaces others has `folded`, only a provisional one
    `provisional`.
    """
    fields: dict[str, Any] = {
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
        "items": node.statistics.items,
        "squared_weights": node.statistics.squared_weights,
    }
    if node.members:
        fields["members"] = list(node.members)
    if node.folded:
        fields["folded"] = node.folded
    if node.is_provisional:
        fields["provisional"] = True
    return fields


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "calls": edge.calls,
        "failed": edge.failed,
        "failed_percent": _rounded(edge.failed_percent),
        "average_ms": _rounded(edge.average_ms),
        "p95_ms": _rounded(edge.p95_ms),
        "items": edge.statistics.items,
        "squared_weights": edge.statistics.squared_weights,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
