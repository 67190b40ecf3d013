"""Queries of operations (traces)."""

from local_insights.model.item import Item
from local_insights.model.selection import NodeRef
from local_insights.model.summaries import OperationSummary
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import TransactionReader
from local_insights.store.sql.queries import Row, SqlQueries, range_parameters
from local_insights.store.sql.selection_conditions import condition, parameters
from local_insights.store.sql.statements import read_sql

NEWEST_OPERATIONS = read_sql("newest_operations")
OPERATION_SUMMARIES = read_sql("operation_summaries")
TRANSACTION = read_sql("transaction").format(columns=", ".join(Item._fields))

ITEMS_PER_OPERATION = 50
"""The expected number of items per operation. With more, the query is repeated with a larger limit."""
RETRY_FACTOR = 20
LONGEST_OPERATION_US = 3_600_000_000
"""How far before its newest item the root request of an operation is searched. An older root is not found."""

_REQUEST_OR_DEPENDENCY = "item_type IN ('request', 'dependency')"


class TransactionQueries(SqlQueries, TransactionReader):
    """The queries of `TransactionReader`. `recent_operations` reads only the newest items of the range."""

    def recent_operations(
        self, time_range: TimeRange, limit: int, node: NodeRef | None = None, *, failed_only: bool = False
    ) -> list[OperationSummary]:
        node_condition, values = _node_condition(node, failed_only=failed_only)
        statement = NEWEST_OPERATIONS.format(node=node_condition, outcome="NOT success" if failed_only else "1 = 1")
        newest = self._newest(statement, range_parameters(time_range) | values, limit)
        if not newest:
            return []
        times_us = [latest_us for _, latest_us, _ in newest]
        around = TimeRange(min(times_us) - LONGEST_OPERATION_US, max(times_us) + LONGEST_OPERATION_US)
        operation_ids = [operation_id for operation_id, *_ in newest]
        rows = self.execute(OPERATION_SUMMARIES, range_parameters(around) | {"operation_ids": operation_ids})
        return [OperationSummary(*row) for row in rows]

    def transaction(self, operation_id: str, limit: int = 10_000) -> list[Item]:
        rows = self.execute(TRANSACTION, {"operation_id": operation_id, "limit": limit})
        return [Item._make(row) for row in rows]

    def _newest(self, statement: str, values: dict[str, object], limit: int) -> list[Row]:
        """Return at most `limit` rows: operation id, time of its newest item, number of items."""
        items = limit * ITEMS_PER_OPERATION
        while True:
            rows = self.execute(statement, {**values, "items": items})
            if len(rows) >= limit or sum(row[2] for row in rows) < items:
                return rows[:limit]
            items *= RETRY_FACTOR


def _node_condition(node: NodeRef | None, *, failed_only: bool) -> tuple[str, dict[str, object]]:
    """Return the condition that an item makes its operation one of the node's, and the parameters of the condition.

    With `failed_only` only items that can fail match.
    """
    if node is None:
        return (_REQUEST_OR_DEPENDENCY if failed_only else "1 = 1"), {}
    if node.kind in ("role", "browser") and not failed_only:
        if node.instrumentation_key is None:
            return "role = $role", {"role": node.name}
        return "role = $role AND instrumentation_key = $key", {"role": node.name, "key": node.instrumentation_key}
    return condition(node.selection), parameters(node.selection)
