"""The Application Map: who calls whom, how often, how fast, how well."""

from dataclasses import dataclass
from typing import Literal

from local_insights.model.call_rows import CallRows
from local_insights.model.time_range import TimeRange

NodeKind = Literal["role", "dependency", "client"]


@dataclass(frozen=True, slots=True)
class Node:
    """A circle on the map. Durations and percentiles are None when the node served no calls.

    `id` is readable and stable: `role:frontend`, `dependency:MySQL|127.0.0.1:3306 | mesh`, `client:client`.
    `type` is the dependency type of a dependency, else None. Percents run from 0 to 100.
    """

    id: str
    kind: NodeKind
    name: str
    type: str | None
    calls: int
    failed: int
    failed_percent: float
    average_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    instances: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A connector: calls from `source` to `target` (node ids), as the caller measured them."""

    source: str
    target: str
    calls: int
    failed: int
    failed_percent: float
    average_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class ApplicationMap:
    """The map of one time range, nodes and edges sorted by id; `notes` say what a reader should know of its limits."""

    time_range: TimeRange
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...]


def application_map(rows: CallRows, time_range: TimeRange) -> ApplicationMap:
    """Build the map from the store's rows."""
    raise NotImplementedError
