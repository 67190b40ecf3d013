"""The details of one node of the map, queried from the store."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from local_insights.model.selection import Group, NodeRef, TimelinePoint
from local_insights.model.summaries import OperationSummary
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store

CHART_STEPS = 24
"""Steps of the panel's chart, which is less than half as wide as the charts of pages; one per hour for a day."""

MAX_RECENT = 5
"""The number of transactions in the panel."""

MAX_OPERATIONS = 100
"""The number of operations, by most calls, that the slowest and failing operations are selected from."""


@dataclass(frozen=True, slots=True)
class NodeDetails:
    """The timeline of a node, its operations with the most calls, and its newest transactions."""

    node: NodeRef
    trend: Sequence[TimelinePoint]
    operations: Sequence[Group]
    recent: Sequence[OperationSummary]


def query_node_details(store: Store, node: NodeRef, time_range: TimeRange) -> NodeDetails:
    """Query the details of a node. Blocks until the store has returned all results.

    Raises:
        QueryTimeoutError: a query exceeded the store's time limit.
    """
    with ThreadPoolExecutor(1, "query") as executor:
        trend = executor.submit(store.trend, node.selection, time_range, CHART_STEPS)
        operations = store.groups(node.selection, ("name",), time_range, order="calls", limit=MAX_OPERATIONS).first
        recent = store.recent_operations(time_range, MAX_RECENT, node)
        return NodeDetails(node, trend.result(), operations, recent)
