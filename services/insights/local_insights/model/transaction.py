"""A transaction: all items of one operation, arranged as a tree."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local_insights.model.call_tree import CallTree, TreeItem, call_tree
from local_insights.model.components import Component, component_names, shared_roles
from local_insights.model.exception_chain import ExceptionDetail, exception_chain
from local_insights.model.item import Item, ItemType
from local_insights.model.severity import is_failure

_MAX_LISTED_PARENTS = 5


@dataclass(frozen=True, slots=True)
class TransactionItem:
    """One item of a transaction and its position in the tree. Fields that the item type does not have are None.

    - `depth`: 0 at the top level.
    - `component`: the role; with the key of its application if several applications of the transaction have the role.
    - `start_time`: as sent. `offset_ms`: from the start of the transaction, clock skew corrected. `clock_shift_ms`: the
      correction included in `offset_ms`, negative if the role's clock is ahead.
    - `type`, `target`: of a dependency. `data`: a dependency's command (SQL text, URL) or a request's URL.
    - `message`: the text of a log or exception.
    - `item_count`: the number of events that the item represents under sampling.
    - `tags`: context tags that have no field of their own.
    - `sent`: ids as sent, if they were normalized.
    - `stored`: the item as it is stored.
    """

    item_type: str
    id: str | None
    parent_id: str | None
    depth: int
    role: str
    component: str
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
    stored: Item

    @property
    def title(self) -> str:
        """A one-line title."""
        exception = self.exceptions[0].type_name if self.exceptions else ""
        return self.name or exception or self.message or self.data or self.item_type

    @property
    def is_failure(self) -> bool:
        """True for a failed call, an exception, or a log of severity error or critical."""
        return is_failure(self.item_type, success=self.success, severity=self.severity)


@dataclass(frozen=True, slots=True)
class MissingParent:
    """A parent that has not arrived, named by `items` items.

    These items are grouped one level below the missing parent; the first one is at index `position`.
    """

    id: str
    items: int
    position: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """All items of one operation, depth first, siblings by time. Every item appears exactly once.

    `duration_ms` is the time from the first start to the last end, clock skew corrected. `name`, `role` and `success`
    are those of the first request without a known parent, otherwise of the first item. `notes` describe missing
    parents, cycles and clock corrections. `components` are the roles; a role of several applications is several
    components, as on the map.
    """

    operation_id: str
    name: str
    role: str
    success: bool | None
    start_time: datetime
    duration_ms: float
    roles: tuple[str, ...]
    components: tuple[str, ...]
    items: tuple[TransactionItem, ...]
    missing_parents: tuple[MissingParent, ...]
    notes: tuple[str, ...]


def transaction(operation_id: str, items: Sequence[Item]) -> Transaction | None:
    """Build the transaction of an operation; None if it has no items. The order of the items has no effect.

    Reference:
        "Telemetry correlation in Application Insights", Microsoft Learn: a request's parent is the dependency that
        called it, a dependency's parent is the request in progress.
    """
    if not items:
        return None
    tree = call_tree(items)
    start_us = min(entry.item.time_us + entry.shift_us for entry in tree.items)
    end_us = max(entry.item.time_us + entry.shift_us + (entry.item.duration_us or 0) for entry in tree.items)
    sent_by = {_component(item) for item in items}
    names = component_names(sent_by, shared_roles(sent_by))
    built = tuple(_transaction_item(entry, start_us, names) for entry in tree.items)
    top = [item for item, entry in zip(built, tree.items, strict=True) if not entry.depth or entry.is_parent_missing]
    root = next((item for item in top if item.item_type == ItemType.REQUEST), top[0])
    missing = _missing_parents(tree)
    return Transaction(
        operation_id=operation_id,
        name=root.title,
        role=root.role,
        success=root.success,
        start_time=_time(start_us),
        duration_ms=(end_us - start_us) / 1000,
        roles=tuple(sorted({item.role for item in items})),
        components=tuple(sorted({item.component for item in built})),
        items=built,
        missing_parents=missing,
        notes=(*_notes(tree, missing), *_clock_notes(built)),
    )


def single_item(item: Item) -> TransactionItem:
    """Return an item outside of a transaction, with the offset 0."""
    return _transaction_item(TreeItem(item, depth=0, is_parent_missing=False, shift_us=0), item.time_us, {})


def _component(item: Item) -> Component:
    return Component(item.role, item.instrumentation_key)


def _transaction_item(entry: TreeItem, start_us: int, names: Mapping[Component, str]) -> TransactionItem:
    item = entry.item
    return TransactionItem(
        item_type=item.item_type,
        id=item.id or None,
        parent_id=item.parent_id or None,
        depth=entry.depth,
        role=item.role,
        component=names.get(_component(item), item.role),
        role_instance=item.role_instance or None,
        name=item.name or None,
        type=item.dependency_type or None,
        target=item.target or None,
        data=item.data or None,
        result_code=item.result_code or None,
        success=item.success,
        start_time=_time(item.time_us),
        offset_ms=(item.time_us + entry.shift_us - start_us) / 1000,
        clock_shift_ms=entry.shift_us / 1000,
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
        stored=item,
    )


def _missing_parents(tree: CallTree) -> tuple[MissingParent, ...]:
    """Return the missing parents in the order of their first items."""
    positions: dict[str, list[int]] = {}
    for position, entry in enumerate(tree.items):
        if entry.is_parent_missing:
            positions.setdefault(entry.item.parent_id, []).append(position)
    return tuple(MissingParent(name, len(found), found[0]) for name, found in positions.items())


def _notes(tree: CallTree, missing: Sequence[MissingParent]) -> list[str]:
    notes = [
        f"{'1 item names' if parent.items == 1 else f'{parent.items:,} items name'} {parent.id} as parent, "
        "which has not arrived."
        for parent in sorted(missing, key=lambda parent: parent.id)[:_MAX_LISTED_PARENTS]
    ]
    if (unlisted := len(missing) - _MAX_LISTED_PARENTS) > 0:
        notes.append(f"{unlisted:,} more {'parent has' if unlisted == 1 else 'parents have'} not arrived.")
    if tree.broken_cycles:
        notes.append("Parent ids form a cycle; the earliest item of the cycle is shown at the top level.")
    return notes


def _clock_notes(items: Sequence[TransactionItem]) -> list[str]:
    """Return one note per corrected clock; the correction may differ between its requests."""
    shifts: dict[tuple[str, str], list[float]] = {}
    for item in items:
        if item.clock_shift_ms:
            shifts.setdefault((item.role, item.role_instance or ""), []).append(item.clock_shift_ms)
    return [
        f"The clock of {role}{f' ({instance})' if instance else ''} differs from the clocks of its callers: "
        f"{len(found):,} item{' is' if len(found) == 1 else 's are'} shown {_describe_shift(min(found), max(found))}."
        for (role, instance), found in sorted(shifts.items())
    ]


def _describe_shift(least_ms: float, most_ms: float) -> str:
    if least_ms == most_ms:
        return f"{abs(least_ms):,.1f} ms {'earlier' if least_ms < 0 else 'later'}"
    return f"shifted by {least_ms:+,.1f} to {most_ms:+,.1f} ms"


def _object(text: str) -> Mapping[str, Any]:
    parsed = json.loads(text) if text else {}
    return parsed if isinstance(parsed, dict) else {}


def _time(time_us: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=time_us)
