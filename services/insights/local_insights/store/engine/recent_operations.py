"""The newest operations, without looking at all items of the range."""

from local_insights.model.time_range import TimeRange
from local_insights.store.contract import OperationSummary
from local_insights.store.engine.database import read_sql
from local_insights.store.engine.questions import Questions, Row

NEWEST_OPERATIONS = read_sql("newest_operations")
OPERATION_SUMMARIES = read_sql("operation_summaries")

ITEMS_OF_AN_OPERATION = 50
"""How many items an operation is thought to have; when they are more, the question is asked again with more."""
MORE = 20
LONGEST_OPERATION_US = 3_600_000_000
"""An operation's outermost request began at most this long before its newest item."""


def recent_operations(
    questions: Questions, subject: str, outcome: str, parameters: dict[str, object], limit: int
) -> list[OperationSummary]:
    """The operations of the newest items that match, newest first.

    Args:
        questions: who asks.
        subject: a condition on items, in SQL.
        outcome: another.
        parameters: of the conditions, and the range.
        limit: how many operations are wanted.
    """
    newest = _newest(questions, NEWEST_OPERATIONS.format(subject=subject, outcome=outcome), parameters, limit)
    if not newest:
        return []
    times_us = [latest_us for _, latest_us, _ in newest]
    around = TimeRange(min(times_us) - LONGEST_OPERATION_US, max(times_us) + LONGEST_OPERATION_US)
    rows = questions.ask(
        OPERATION_SUMMARIES,
        {
            "operation_ids": [operation_id for operation_id, *_ in newest],
            "start_us": around.start_us,
            "end_us": around.end_us,
        },
    )
    return [OperationSummary(*row) for row in rows]


def _newest(questions: Questions, statement: str, parameters: dict[str, object], limit: int) -> list[Row]:
    """Rows of operation, newest time and items, at most `limit`."""
    items = limit * ITEMS_OF_AN_OPERATION
    while True:
        rows = questions.ask(statement, {**parameters, "items": items})
        if len(rows) >= limit or sum(row[2] for row in rows) < items:
            return rows[:limit]
        items *= MORE
