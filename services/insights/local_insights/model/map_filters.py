"""Filters of the map: what is asked of nodes, by their names, and of connectors, by their figures.

Reference:
    "Application Map: Triage distributed applications", Microsoft Learn, on node and connector filters: they are applied
    from left to right, and a connector's figures may be compared with a percentile of all connectors.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from local_insights.model.application_map import ApplicationMap, Edge, Node
from local_insights.model.map_part import with_edges, with_nodes


class Measure(StrEnum):
    """A figure of a connector: failed share (0 to 100), weighted calls, average and 95th percentile in ms."""

    FAILED_PERCENT = "failed"
    CALLS = "calls"
    AVERAGE_MS = "average"
    P95_MS = "p95"


_FIGURES: dict[Measure, Callable[[Edge], float | None]] = {
    Measure.FAILED_PERCENT: lambda edge: edge.failed_percent,
    Measure.CALLS: lambda edge: edge.calls,
    Measure.AVERAGE_MS: lambda edge: edge.average_ms,
    Measure.P95_MS: lambda edge: edge.p95_ms,
}


@dataclass(frozen=True, slots=True)
class NameFilter:
    """Keeps the nodes whose name or dependency type contains the words, whatever the case; or those others."""

    words: str
    excludes: bool = False

    def applied(self, shown: ApplicationMap) -> ApplicationMap:
        """The map that is left."""
        wanted = self.words.casefold()
        return with_nodes(
            shown, {node.id for node in shown.nodes if (wanted in _searched(node).casefold()) is not self.excludes}
        )


@dataclass(frozen=True, slots=True)
class ConnectorFilter:
    """Keeps the connectors whose figure is at least `least`, and the nodes at their ends.

    With `is_percentile`, `least` is a percentile (1 to 99) over the connectors that earlier filters have left: at least
    the 90th percentile of calls are the busiest tenth.
    """

    measure: Measure
    least: float
    is_percentile: bool = False

    def applied(self, shown: ApplicationMap) -> ApplicationMap:
        """The map that is left."""
        figure = _FIGURES[self.measure]
        figures = [(edge, value) for edge in shown.edges if (value := figure(edge)) is not None]
        least = _percentile([value for _, value in figures], self.least) if self.is_percentile else self.least
        return with_edges(shown, [edge for edge, value in figures if value >= least])


MapFilter = NameFilter | ConnectorFilter


def filtered(shown: ApplicationMap, filters: Iterable[MapFilter]) -> ApplicationMap:
    """What is left of a map when the filters are applied one after the other."""
    for map_filter in filters:
        shown = map_filter.applied(shown)
    return shown


def _searched(node: Node) -> str:
    return f"{node.type} {node.name}" if node.type else node.name


def _percentile(figures: Sequence[float], percentile: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    if not figures:
        return 0.0
    return sorted(figures)[max(0, ceil(len(figures) * percentile / 100) - 1)]
