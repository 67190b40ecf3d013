"""The newest operations, without looking at all items of the range."""

from local_insights.model.selection import NodeRef
from local_insights.model.summaries import OperationSummary
from local_insights.model.time_range import TimeRange
from local_insights.store.sql.queries import Queries, Row, bounds
from local_insights.store.sql.selection_conditions import condition, parameters
from local_insights.store.sql.statements import read_sql

NEWEST_OPERATIONS = read_sql("newest_operations")
OPERATION_SUMMARIES = read_sql("operation_summaries")

ITEMS_OF_AN_OPERATION = 50
"""How many items an operation is thought to have; when they are more, the question is asked again with more."""
MORE = 20
LONGEST_OPERATION_US = 3_600_000_000
"""An operation's outermost request began at most this long before its newest item."""

_CALLED_OR_SERVED = "item_type IN ('request', 'dependency')"


def recent_operations(
    queries: Queries, time_range: TimeRange, limit: int, subject: NodeRef | None, *, failed_only: bool
) -> list[OperationSummary]:
    """See the contract."""
    took_part, values = _took_part(subject, failed_only=failed_only)
    statement = NEWEST_OPERATIONS.format(subject=took_part, outcome="NOT success" if failed_only else "1 = 1")
    newest = _newest(queries, statement, bounds(time_range) | values, limit)
    if not newest:
        return []
    times_us = [latest_us for _, latest_us, _ in newest]
    around = TimeRange(min(times_us) - LONGEST_OPERATION_US, max(times_us) + LONGEST_OPERATION_US)
    operation_ids = [operation_id for operation_id, *_ in newest]
    rows = queries.ask(OPERATION_SUMMARIES, bounds(around) | {"operation_ids": operation_ids})
    return [OperationSummary(*row) for row in rows]


def _took_part(subject: NodeRef | None, *, failed_only: bool) -> tuple[str, dict[str, object]]:
    """Items that make an operation one of the subject's, and the values that this condition names.

    When it has to have failed, they are items that can fail.
    """
    if subject is None:
        return (_CALLED_OR_SERVED if failed_only else "1 = 1"), {}
    if subject.kind in ("role", "browser") and not failed_only:
        return "role = $role", {"role": subject.name}
    return condition(subject.selection), parameters(subject.selection)


def _newest(queries: Queries, statement: str, values: dict[str, object], limit: int) -> list[Row]:
    """Rows of operation, newest time and items, at most `limit`."""
    items = limit * ITEMS_OF_AN_OPERATION
    while True:
        rows = queries.ask(statement, {**values, "items": items})
        if len(rows) >= limit or sum(row[2] for row in rows) < items:
            return rows[:limit]
        items *= MORE
