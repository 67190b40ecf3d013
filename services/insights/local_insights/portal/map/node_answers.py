"""What the store is asked about one node of the map."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from local_insights.model.selection import Group, NodeRef, TimelinePoint
from local_insights.model.summaries import OperationSummary
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store

STEPS = 24
"""Steps of the chart, which is less than half as wide as those of the pages; a step of a day is an hour."""

RECENT = 5
"""Transactions that the panel shows."""

MOST_OPERATIONS = 100
"""Operations, the busiest, among which the slowest and the failing are looked for."""


@dataclass(frozen=True, slots=True)
class NodeAnswers:
    """A node over time, by operation, and the newest operations through it."""

    subject: NodeRef
    trend: Sequence[TimelinePoint]
    operations: Sequence[Group]
    recent: Sequence[OperationSummary]


def node_answers(store: Store, subject: NodeRef, time_range: TimeRange) -> NodeAnswers:
    """Ask. Blocks on the store.

    Raises:
        QueryTimeoutError: the store could not answer within its limit.
    """
    with ThreadPoolExecutor(1, "question") as beside:
        trend = beside.submit(store.trend, subject.selection, time_range, STEPS)
        operations = store.groups(subject.selection, ("name",), time_range, order="calls", limit=MOST_OPERATIONS).first
        recent = store.recent_operations(time_range, RECENT, subject)
        return NodeAnswers(subject, trend.result(), operations, recent)
