"""One operation from end to end: what every role did, in the order of cause and time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local_insights.model.call_tree import CallTree, Step, call_tree
from local_insights.model.exception_chain import ExceptionDetail, exception_chain
from local_insights.model.item import Item, ItemType
from local_insights.model.severity import is_failure

_MISSING_PARENTS_NAMED = 5


@dataclass(frozen=True, slots=True)
class TransactionItem:
    """One item of a transaction, with its place in the tree. A fact that this kind of item does not have is None.

    `depth` is 0 at the top level. `start_time` is as sent; `offset_ms` runs from the transaction's start to the item's,
    clocks corrected: `clock_shift_ms` was added, negative where the sender's clock is ahead. `type` and `target` belong
    to dependencies; `data` is a dependency's command (SQL text, URL) or a request's URL; `message` is the text of a log
    or exception. `item_count` says how many real events the item stands for under sampling; `tags` are the context tags
    that no other field holds; `sent` has the ids as they were sent where they are shown in another form.
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
    clock_shift_ms: float
    duration_ms: float | None
    message: str | None
    severity: int | None
    exceptions: tuple[ExceptionDetail, ...]
    problem_id: str | None
    value: float | None
    value_count: int | None
    value_min: float | None
    value_max: float | None
    value_std_dev: float | None
    properties: Mapping[str, Any]
    measurements: Mapping[str, Any]
    details: Mapping[str, Any]
    tags: Mapping[str, Any]
    sent: Mapping[str, Any]
    operation_name: str | None
    source: str | None
    sdk_version: str | None
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
        return is_failure(self.item_type, success=self.success, severity=self.severity)


@dataclass(frozen=True, slots=True)
class MissingParent:
    """A parent that `items` items name and that has not arrived.

    They stand one level below where it would be, all together, the first of them at `position` in the transaction.
    """

    id: str
    items: int
    position: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """All items of one operation, depth first, siblings by time; every item appears exactly once.

    `duration_ms` spans from the first beginning to the last end, clocks corrected. `name`, `role` and `success` are
    those of the first request without a known parent or, without one, of the first item. `notes` say what is missing
    or odd.
    """

    operation_id: str
    name: str
    role: str
    success: bool | None
    start_time: datetime
    duration_ms: float
    roles: tuple[str, ...]
    items: tuple[TransactionItem, ...]
    missing_parents: tuple[MissingParent, ...]
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
    start_us = min(step.item.time_us + step.shift_us for step in tree.walk)
    end_us = max(step.item.time_us + step.shift_us + (step.item.duration_us or 0) for step in tree.walk)
    placed = tuple(_placed(step, start_us) for step in tree.walk)
    top = [item for item, step in zip(placed, tree.walk, strict=True) if not step.depth or step.is_parent_missing]
    entry = next((item for item in top if item.item_type == ItemType.REQUEST), top[0])
    missing = _missing_parents(tree)
    return Transaction(
        operation_id=operation_id,
        name=entry.title,
        role=entry.role,
        success=entry.success,
        start_time=_time(start_us),
        duration_ms=(end_us - start_us) / 1000,
        roles=tuple(sorted({item.role for item in items})),
        items=placed,
        missing_parents=missing,
        notes=(*_notes(tree, missing), *_clock_notes(placed)),
    )


def _placed(step: Step, start_us: int) -> TransactionItem:
    item = step.item
    return TransactionItem(
        item_type=item.item_type,
        id=item.id or None,
        parent_id=item.parent_id or None,
        depth=step.depth,
        role=item.role,
        role_instance=item.role_instance or None,
        name=item.name or None,
        type=item.dependency_type or None,
        target=item.target or None,
        data=item.data or None,
        result_code=item.result_code or None,
        success=item.success,
        start_time=_time(item.time_us),
        offset_ms=(item.time_us + step.shift_us - start_us) / 1000,
        clock_shift_ms=step.shift_us / 1000,
        duration_ms=None if item.duration_us is None else item.duration_us / 1000,
        message=item.message or None,
        severity=item.severity,
        exceptions=exception_chain(item.exceptions_json),
        problem_id=item.problem_id or None,
        value=item.value,
        value_count=item.value_count,
        value_min=item.value_min,
        value_max=item.value_max,
        value_std_dev=item.value_std_dev,
        properties=_object(item.properties_json),
        measurements=_object(item.measurements_json),
        details=_object(item.details_json),
        tags=_object(item.tags_json),
        sent=_object(item.sent_json),
        operation_name=item.operation_name or None,
        source=item.source or None,
        sdk_version=item.sdk_version or None,
        item_count=item.item_count,
    )


def _missing_parents(tree: CallTree) -> tuple[MissingParent, ...]:
    """In the order of their first items."""
    positions: dict[str, list[int]] = {}
    for position, step in enumerate(tree.walk):
        if step.is_parent_missing:
            positions.setdefault(step.item.parent_id, []).append(position)
    return tuple(MissingParent(name, len(found), found[0]) for name, found in positions.items())


def _notes(tree: CallTree, missing: Sequence[MissingParent]) -> list[str]:
    notes = [
        f"{'1 item names' if parent.items == 1 else f'{parent.items:,} items name'} {parent.id} as parent, "
        "which has not arrived; shown below a row of its own."
        for parent in sorted(missing, key=lambda parent: parent.id)[:_MISSING_PARENTS_NAMED]
    ]
    if (unnamed := len(missing) - _MISSING_PARENTS_NAMED) > 0:
        notes.append(f"{unnamed:,} more {'parent has' if unnamed == 1 else 'parents have'} not arrived.")
    if tree.broken_cycles:
        notes.append("Some items name each other as parents; the earliest of them is shown at the top level.")
    return notes


def _clock_notes(items: Sequence[TransactionItem]) -> list[str]:
    """One note for each clock that was corrected; by how much may differ from one request to the next."""
    shifts: dict[tuple[str, str], list[float]] = {}
    for item in items:
        if item.clock_shift_ms:
            shifts.setdefault((item.role, item.role_instance or ""), []).append(item.clock_shift_ms)
    return [
        f"The clock of {role}{f' ({instance})' if instance else ''} does not agree with its callers': "
        f"{len(found):,} item{' is' if len(found) == 1 else 's are'} shown {_shift_words(min(found), max(found))}."
        for (role, instance), found in sorted(shifts.items())
    ]


def _shift_words(least_ms: float, most_ms: float) -> str:
    if least_ms == most_ms:
        return f"{abs(least_ms):,.1f} ms {'earlier' if least_ms < 0 else 'later'}"
    return f"shifted by {least_ms:+,.1f} to {most_ms:+,.1f} ms"


def _object(text: str) -> Mapping[str, Any]:
    parsed = json.loads(text) if text else {}
    return parsed if isinstance(parsed, dict) else {}


def _time(time_us: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=time_us)
