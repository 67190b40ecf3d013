"""The tree of an operation's items, built from their parent ids.

Telemetry may be incomplete: parents are missing, ids repeat, and some SDKs name an item as its own ancestor. Every
item still has exactly one position in the tree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from local_insights.model.clock_skew import ClockCorrections
from local_insights.model.item import Item, ItemType, names_operation_as_parent
from local_insights.model.shared_spans import call_ids, shares_call_id

_SPAN_TYPES = frozenset({ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.PAGE_VIEW, ItemType.AVAILABILITY_RESULT})
"""Item types with an id of their own, which other items may name as parent."""


class TreeItem(NamedTuple):
    """One item and its position in the tree."""

    item: Item
    depth: int
    is_parent_missing: bool
    """True if no item has the parent's id. Such items are grouped by parent id, one level below the missing parent."""
    shift_us: int
    """Clock correction in microseconds, to be added to the item's time."""


class CallTree(NamedTuple):
    """Items in depth-first order, siblings by corrected time."""

    items: tuple[TreeItem, ...]
    broken_cycles: int
    """The number of cycles of parent ids; the earliest item of each cycle is moved to the top level."""


def call_tree(items: Sequence[Item]) -> CallTree:
    """Build the tree of one operation. The order of `items` has no effect.

    A parent id that is the operation id does not count as a missing parent.
    """
    ordered = sorted(items, key=_order)
    callers: dict[str, list[int]] = {}
    for index, item in enumerate(ordered):
        if item.id and item.item_type in _SPAN_TYPES:
            callers.setdefault(item.id, []).append(index)
    parents: list[int | None] = []
    missing: dict[int, str] = {}
    calls = call_ids(items)
    for index, item in enumerate(ordered):
        parent_id = item.id if shares_call_id(item, calls) else item.parent_id
        candidates = [caller for caller in callers.get(parent_id, ()) if caller != index]
        parents.append(_best_parent(ordered, item, candidates))
        if not candidates and item.parent_id not in {"", item.id} and not names_operation_as_parent(item):
            missing[index] = item.parent_id
    broken = _break_cycles(parents)
    clocks = ClockCorrections()
    walk = tuple(_walk(ordered, parents, missing, clocks))
    if clocks.has_corrections:
        # The corrections are known now: a second walk also corrects earlier items and items without a parent.
        walk = tuple(_walk(ordered, parents, missing, clocks))
    return CallTree(walk, broken)


def _order(item: Item) -> tuple[int, bool, bool, tuple[str, ...]]:
    """Sort by time, then parents before children of the same microsecond. The other fields make the order total."""
    return (
        item.time_us,
        item.item_type not in _SPAN_TYPES,
        item.item_type == ItemType.DEPENDENCY,
        tuple(map(repr, item)),
    )


def _best_parent(ordered: Sequence[Item], item: Item, candidates: Sequence[int]) -> int | None:
    """Return the best parent among spans that share one id.

    The parent of a request is a dependency; the parent of any other item is a span of the same role, if possible of the
    same application. Of several attempts with one id, the attempt in progress is preferred, then the latest one before
    the item.
    """
    if len(candidates) < 2:  # noqa: PLR2004 - there is no choice
        return candidates[0] if candidates else None

    def fitness(index: int) -> tuple[bool, bool, bool, bool, int]:
        caller = ordered[index]
        fitting = (
            caller.item_type == ItemType.DEPENDENCY if item.item_type == ItemType.REQUEST else caller.role == item.role
        )
        same_application = caller.instrumentation_key == item.instrumentation_key
        started = caller.time_us <= item.time_us
        in_progress = started and item.time_us <= caller.time_us + (caller.duration_us or 0)
        return (
            fitting,
            item.item_type != ItemType.REQUEST and same_application,
            in_progress,
            started,
            index if started else -index,
        )

    return max(candidates, key=fitness)


def _break_cycles(parents: list[int | None]) -> int:
    """Detach the earliest item of every cycle and return the number of cycles."""
    broken = 0
    settled: set[int] = set()
    for start in range(len(parents)):
        path: list[int] = []
        on_path: set[int] = set()
        at: int | None = start
        while at is not None and at not in settled and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = parents[at]
        if at is not None and at in on_path:
            parents[min(path[path.index(at) :])] = None
            broken += 1
        settled.update(path)
    return broken


class _Pending(NamedTuple):
    """An item that is not yet visited. `position` is its index in time order."""

    position: int
    depth: int
    shift_us: int


def _walk(
    ordered: Sequence[Item], parents: Sequence[int | None], missing: Mapping[int, str], clocks: ClockCorrections
) -> Iterator[TreeItem]:
    """Walk depth first, without recursion: chains of calls can be thousands deep."""
    children: dict[int | str | None, list[int]] = {}
    for index, parent in enumerate(parents):
        children.setdefault(missing.get(index, parent), []).append(index)

    def corrected_time(entry: _Pending) -> tuple[int, int]:
        return ordered[entry.position].time_us + entry.shift_us, entry.position

    def siblings(indices: Iterable[int], depth: int, parent: Item | None = None, shift_us: int = 0) -> list[_Pending]:
        entries = (_Pending(index, depth, clocks.shift_us(ordered[index], parent, shift_us)) for index in indices)
        return sorted(entries, key=corrected_time)

    families = [[root] for root in siblings(children.get(None, ()), 0)]
    families += [siblings(orphans, 1) for parent, orphans in children.items() if isinstance(parent, str)]
    families.sort(key=lambda family: corrected_time(family[0]))
    pending = [entry for family in families for entry in family][::-1]
    while pending:
        index, depth, shift_us = pending.pop()
        yield TreeItem(ordered[index], depth, index in missing, shift_us)
        pending.extend(reversed(siblings(children.get(index, ()), depth + 1, ordered[index], shift_us)))
