"""The elements of the Application Map: nodes, edges, and call statistics per pair of nodes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from local_insights.model.statistics import CallStatistics, combined
from local_insights.model.time_limit import limited

NodeKind = Literal["role", "dependency", "client", "browser", "availability", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapElement:
    """A node or an edge. Durations are in milliseconds and None without calls; percents are 0 to 100."""

    statistics: CallStatistics

    @property
    def calls(self) -> int:
        """The number of calls, corrected for sampling."""
        return self.statistics.calls

    @property
    def failed(self) -> int:
        """The number of failed calls, corrected for sampling."""
        return self.statistics.failed

    @property
    def failed_percent(self) -> float:
        """Failed calls in percent of all calls."""
        return self.statistics.failed_percent

    @property
    def average_ms(self) -> float | None:
        """The mean duration."""
        return self.statistics.average_ms

    @property
    def p50_ms(self) -> float | None:
        """The median duration."""
        return self.statistics.percentile_ms(0.5)

    @property
    def p95_ms(self) -> float | None:
        """The 95th percentile of the durations."""
        return self.statistics.percentile_ms(0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(MapElement):
    """A node of the map.

    `id` is readable and stable: `role:frontend`, `dependency:MySQL|127.0.0.1:3306 | mesh`, `client:client`,
    `availability:home page`. `type` is the dependency type of a dependency or of a group, else None. `instances` is the
    number of role instances, 0 for other kinds. `members` are the node ids that a group replaces. `folded` is the
    number of nodes that this one replaces without naming them (`map_folding`). The calls of a provisional node began
    just now: it may be a service, or a caller, whose telemetry has not arrived yet.

    The statistics are those of the served requests (roles), page views (browsers), results (availability tests), or
    adjacent edges (dependencies, groups and the client).
    """

    id: str
    kind: NodeKind
    name: str
    type: str | None = None
    instances: int = 0
    members: tuple[str, ...] = ()
    folded: int = 0
    is_provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(MapElement):
    """A connector: calls from `source` to `target` (node ids), as measured by the caller.

    Edges from the client have the statistics of the served requests, because a client sends no telemetry.
    """

    source: str
    target: str


class EdgeTotals:
    """Call statistics summed per pair of nodes."""

    def __init__(self) -> None:
        self._parts: defaultdict[tuple[str, str], list[CallStatistics]] = defaultdict(list)

    def add(self, source: str, target: str, statistics: CallStatistics) -> None:
        """Add calls from one node to another (node ids)."""
        self._parts[source, target].append(statistics)

    def sorted(self) -> tuple[Edge, ...]:
        """Return one edge per pair, sorted by source and target."""
        return tuple(
            Edge(source=source, target=target, statistics=combined(self._parts[source, target]))
            for source, target in limited(sorted(self._parts))
        )

    def calls(self) -> Iterator[tuple[str, str, int]]:
        """Yield source, target and number of calls of each pair."""
        for (source, target), parts in self._parts.items():
            yield source, target, parts[0].calls if len(parts) == 1 else sum(part.calls for part in parts)

    def renamed(self, node_ids: Mapping[str, str]) -> "EdgeTotals":
        """Return the same calls with other node ids. Ids that are not in `node_ids` stay the same."""
        renamed = EdgeTotals()
        for (source, target), parts in self._parts.items():
            renamed._parts[node_ids.get(source, source), node_ids.get(target, target)] += parts
        return renamed
