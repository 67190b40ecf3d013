"""Operations (traces)."""

from local_insights.model.item import Item, ItemType, names_operation_as_parent
from local_insights.model.selection import NodeRef
from local_insights.model.summaries import OperationSummary
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import TransactionReader
from local_insights.store.memory.items import ItemSource, group_by
from local_insights.store.memory.selection_reader import matches_selection

LONGEST_OPERATION_US = 3_600_000_000
"""The root request of an operation began at most this long before its newest item."""


class MemoryTransactionReader(ItemSource, TransactionReader):
    """The queries of `TransactionReader`."""

    def recent_operations(
        self, time_range: TimeRange, limit: int, node: NodeRef | None = None, *, failed_only: bool = False
    ) -> list[OperationSummary]:
        items = [
            item
            for item in self.items_between(time_range.start_us, time_range.end_us)
            if item.operation_id
            and _took_part(item, node, failed_only=failed_only)
            and (item.success is False or not failed_only)
        ]
        latest_us = {
            operation_id: max(item.time_us for item in group)
            for operation_id, group in group_by(items, lambda item: item.operation_id)
        }
        newest = sorted(latest_us, key=lambda operation_id: -latest_us[operation_id])[:limit]
        if not newest:
            return []
        around = self.items_between(
            min(latest_us[operation_id] for operation_id in newest) - LONGEST_OPERATION_US,
            max(latest_us[operation_id] for operation_id in newest) + LONGEST_OPERATION_US,
        )
        operation_ids = set(newest)
        summaries = [
            _summary(min(group, key=_rank))
            for _, group in group_by(
                (item for item in around if item.operation_id in operation_ids), lambda item: item.operation_id
            )
        ]
        return sorted(summaries, key=lambda summary: -summary.start_us)

    def transaction(self, operation_id: str, limit: int = 10_000) -> list[Item]:
        items = [item for _, item in self.snapshot() if item.operation_id == operation_id]
        return sorted(items, key=lambda item: (item.time_us, item.id))[:limit]


def _took_part(item: Item, node: NodeRef | None, *, failed_only: bool) -> bool:
    """Return True if an item makes its operation one of the node's."""
    if node is None:
        return not failed_only or item.item_type in (ItemType.REQUEST, ItemType.DEPENDENCY)
    if node.kind in ("role", "browser") and not failed_only:
        return item.role == node.name and node.instrumentation_key in {None, item.instrumentation_key}
    return matches_selection(item, node.selection)


def _rank(item: Item) -> tuple[bool, bool, int, str]:
    """Sort the root request first, then other requests, then other items, each by time."""
    is_request = item.item_type == ItemType.REQUEST
    is_root = not item.parent_id or names_operation_as_parent(item)
    return not is_request, is_request and not is_root, item.time_us, item.id


def _summary(item: Item) -> OperationSummary:
    name = item.name or item.operation_name
    return OperationSummary(item.operation_id, name, item.role, item.time_us, item.duration_us, item.success)
