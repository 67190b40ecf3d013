"""One operation from end to end: what every role did, in the order of cause and time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local_insights.model.call_tree import CallTree, call_tree
from local_insights.model.exception_chain import ExceptionDetail, exception_chain
from local_insights.model.item import Item, ItemType

_MISSING_PARENTS_NAMED = 5


@dataclass(frozen=True, slots=True)
class TransactionItem:
    """One item of a transaction, with its place in the tree. A fact that this kind of item does not have is None.

    `depth` is 0 at the top level; `offset_ms` runs from the transaction's start. `type` and `target` belong to
    dependencies; `data` is a dependency's command (SQL text, URL) or a request's URL; `message` is the text of a log
    or exception. `item_count` says how many real events the item stands for under sampling.
    """

    item_type: str
    id: str | None
    parent_id: str | None
    depth: int
    role: str
    role_instance: str | None
    name: str | None
    type: str | None
    target: str | None
    data: str | None
    result_code: str | None
    success: bool | None
    start_time: datetime
    offset_ms: float
    duration_ms: float | None
    message: str | None
    severity: int | None
    exceptions: tuple[ExceptionDetail, ...]
    value: float | None
    properties: Mapping[str, Any]
    measurements: Mapping[str, Any]
    details: Mapping[str, Any]
    item_count: int

    @property
    def title(self) -> str:
        """What to call the item in one line."""
        if self.item_type == ItemType.EXCEPTION and self.exceptions:
            return self.exceptions[0].type_name or self.message or self.item_type
        return self.name or self.message or self.data or self.item_type

    @property
    def is_failure(self) -> bool:
        """Whether it failed, or reports that something did: an exception, or a log of severity error or critical."""
        if self.success is not None:
            return not self.success
        return self.item_type == ItemType.EXCEPTION or (self.severity or 0) >= 3  # noqa: PLR2004 - 3 is error


@dataclass(frozen=True, slots=True)
class Transaction:
    """All items of one operation, depth first, siblings by time; every item appears exactly once.

    `duration_ms` spans from the first beginning to the last end. `name`, `role` and `success` are those of the first
    request at the top level or, without one, of the first item. `notes` say what is missing or odd.
    """

    operation_id: str
    name: str
    role: str
    success: bool | None
    start_time: datetime
    duration_ms: float
    roles: tuple[str, ...]
    items: tuple[TransactionItem, ...]
    notes: tuple[str, ...]


def transaction(operation_id: str, items: Sequence[Item]) -> Transaction | None:
    """Build the transaction of an operation; None when it has no items. The order of the items does not matter.

    Reference:
        "Telemetry correlation in Application Insights", Microsoft Learn: a request's parent is the dependency that
        called it, a dependency's parent the request that was being served.
    """
    if not items:
        return None
    tree = call_tree(operation_id, items)
    start_us = min(item.time_us for item in items)
    end_us = max(item.time_us + (item.duration_us or 0) for item in items)
    placed = tuple(_placed(item, depth, start_us) for item, depth in tree.walk)
    top = [item for item in placed if item.depth == 0]
    entry = next((item for item in top if item.item_type == ItemType.REQUEST), top[0])
    return Transaction(
        operation_id=operation_id,
        name=entry.title,
        role=entry.role,
        success=entry.success,
        start_time=_time(start_us),
        duration_ms=(end_us - start_us) / 1000,
        roles=tuple(sorted({item.role for item in items})),
        items=placed,
        notes=_notes(tree),
    )


def _placed(item: Item, depth: int, start_us: int) -> TransactionItem:
    return TransactionItem(
        item_type=item.item_type,
        id=item.id or None,
        parent_id=item.parent_id or None,
        depth=depth,
        role=item.role,
        role_instance=item.role_instance or None,
        name=item.name or None,
        type=item.dependency_type or None,
        target=item.target or None,
        data=item.data or None,
        result_code=item.result_code or None,
        success=item.success,
        start_time=_time(item.time_us),
        offset_ms=(item.time_us - start_us) / 1000,
        duration_ms=None if item.duration_us is None else item.duration_us / 1000,
        message=item.message or None,
        severity=item.severity,
        exceptions=exception_chain(item.exceptions_json),
        value=item.value,
        properties=_object(item.properties_json),
        measurements=_object(item.measurements_json),
        details=_object(item.details_json),
        item_count=item.item_count,
    )


def _notes(tree: CallTree) -> tuple[str, ...]:
    notes = [
        f"{'1 item names' if count == 1 else f'{count:,} items name'} {parent_id} as parent, "
        "which has not arrived; shown at the top level."
        for parent_id, count in sorted(tree.missing_parents.items())[:_MISSING_PARENTS_NAMED]
    ]
    if (unnamed := len(tree.missing_parents) - _MISSING_PARENTS_NAMED) > 0:
        notes.append(f"{unnamed:,} more {'parent has' if unnamed == 1 else 'parents have'} not arrived.")
    if tree.broken_cycles:
        notes.append("Some items name each other as parents; the earliest of them is shown at the top level.")
    return tuple(notes)


def _object(text: str) -> Mapping[str, Any]:
    parsed = json.loads(text) if text else {}
    return parsed if isinstance(parsed, dict) else {}


def _time(time_us: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=time_us)
