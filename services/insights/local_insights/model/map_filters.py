"""Filters of the map: nodes by name, and connectors (edges) by a metric.

Reference:
    "Application Map: Triage distributed applications", Microsoft Learn, on node and connector filters: they are applied
    from left to right, and a connector's metric may be compared with a percentile of all connectors.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_elements import Edge, Node
from local_insights.model.subgraph import keep_edges, keep_nodes


class EdgeMetric(StrEnum):
    """A metric of a connector: failed calls in percent (0 to 100), calls, average and 95th percentile in ms."""

    FAILED_PERCENT = "failed"
    CALLS = "calls"
    AVERAGE_MS = "average"
    P95_MS = "p95"


_VALUES: dict[EdgeMetric, Callable[[Edge], float | None]] = {
    EdgeMetric.FAILED_PERCENT: lambda edge: edge.failed_percent,
    EdgeMetric.CALLS: lambda edge: edge.calls,
    EdgeMetric.AVERAGE_MS: lambda edge: edge.average_ms,
    EdgeMetric.P95_MS: lambda edge: edge.p95_ms,
}


@dataclass(frozen=True, slots=True)
class NameFilter:
    """A filter for nodes whose name or dependency type contains `text`, ignoring case.

    With `excludes`, the result is the other nodes.
    """

    text: str
    excludes: bool = False

    def apply(self, app_map: ApplicationMap) -> ApplicationMap:
        """Return the matching nodes and all edges between them."""
        folded = self.text.casefold()
        return keep_nodes(
            app_map,
            {node.id for node in app_map.nodes if (folded in _searchable(node).casefold()) is not self.excludes},
        )


@dataclass(frozen=True, slots=True)
class ConnectorFilter:
    """A filter for connectors whose metric is at least `minimum`, and the nodes at their ends.

    With `is_percentile`, `minimum` is a percentile (1 to 99) over the connectors that passed the earlier filters: calls
    of at least the 90th percentile are the busiest tenth.
    """

    metric: EdgeMetric
    minimum: float
    is_percentile: bool = False

    def apply(self, app_map: ApplicationMap) -> ApplicationMap:
        """Return the matching edges and the nodes at their ends. Edges without a value do not match."""
        value_of = _VALUES[self.metric]
        values = [(edge, value) for edge in app_map.edges if (value := value_of(edge)) is not None]
        minimum = _percentile([value for _, value in values], self.minimum) if self.is_percentile else self.minimum
        return keep_edges(app_map, [edge for edge, value in values if value >= minimum])


MapFilter = NameFilter | ConnectorFilter


def apply_filters(app_map: ApplicationMap, filters: Iterable[MapFilter]) -> ApplicationMap:
    """Apply the filters from left to right."""
    for map_filter in filters:
        app_map = map_filter.apply(app_map)
    return app_map


def _searchable(node: Node) -> str:
    return f"{node.type} {node.name}" if node.type else node.name


def _percentile(values: Sequence[float], percentile: float) -> float:
    """Return the nearest-rank percentile; 0 if there are no values."""
    if not values:
        return 0.0
    return sorted(values)[max(0, ceil(len(values) * percentile / 100) - 1)]
