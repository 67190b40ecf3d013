"""The tree that parent ids describe, made of whatever arrived.

Telemetry is lossy and late: parents are missing, ids repeat, and some senders name an item as its own ancestor. Every
item keeps exactly one place in the tree all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from local_insights.model.clock_skew import Clocks
from local_insights.model.item import Item, ItemType

_CALLS = frozenset({ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.PAGE_VIEW, ItemType.AVAILABILITY_RESULT})
"""Kinds that have an id of their own and may cause other items."""


class Step(NamedTuple):
    """One item at its place in the tree."""

    item: Item
    depth: int
    is_parent_missing: bool
    """Whether no item has the parent's id. Items that name it stand together, one level below where it would be."""
    shift_us: int
    """What corrects the clock that timed the item: to be added to its time."""


class CallTree(NamedTuple):
    """Items in the order of a depth-first walk, siblings by corrected time; and what did not fit."""

    walk: tuple[Step, ...]
    broken_cycles: int
    """How many times items named each other as ancestors; the earliest of each cycle stands at the top level."""


def call_tree(operation_id: str, items: Sequence[Item]) -> CallTree:
    """Arrange the items of one operation. Their order does not matter.

    Some senders name the operation itself as the parent of its first item; that is no missing parent.
    """
    ordered = sorted(items, key=_order)
    callers: dict[str, list[int]] = {}
    for index, item in enumerate(ordered):
        if item.id and item.item_type in _CALLS:
            callers.setdefault(item.id, []).append(index)
    parents: list[int | None] = []
    missing: dict[int, str] = {}
    for index, item in enumerate(ordered):
        candidates = [caller for caller in callers.get(item.parent_id, ()) if caller != index]
        parents.append(_likeliest(ordered, item, candidates))
        if not candidates and item.parent_id not in {"", item.id, operation_id}:
            missing[index] = item.parent_id
    broken = _break_cycles(parents)
    return CallTree(tuple(_walk(ordered, parents, missing)), broken)


def _order(item: Item) -> tuple[int, bool, bool, tuple[str, ...]]:
    """By time; what was caused at the same microsecond follows its cause. The rest makes the order total."""
    return (
        item.time_us,
        item.item_type not in _CALLS,
        item.item_type == ItemType.DEPENDENCY,
        tuple(map(repr, item)),
    )


def _likeliest(ordered: Sequence[Item], item: Item, candidates: Sequence[int]) -> int | None:
    """The best parent among calls that share one id.

    A request is answered by one call of another role; everything else happens inside the role it is reported by. Of
    several attempts under one id, the one that was under way counts, else the latest before the item.
    """
    if len(candidates) < 2:  # noqa: PLR2004 - nothing to choose between
        return candidates[0] if candidates else None

    def fitness(index: int) -> tuple[bool, bool, bool, int]:
        caller = ordered[index]
        fitting = (
            caller.item_type == ItemType.DEPENDENCY if item.item_type == ItemType.REQUEST else caller.role == item.role
        )
        begun = caller.time_us <= item.time_us
        under_way = begun and item.time_us <= caller.time_us + (caller.duration_us or 0)
        return fitting, under_way, begun, index if begun else -index

    return max(candidates, key=fitness)


def _break_cycles(parents: list[int | None]) -> int:
    """Detach the earliest item of every cycle; gives the number of cycles."""
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


def _walk(ordered: Sequence[Item], parents: Sequence[int | None], missing: Mapping[int, str]) -> Iterator[Step]:
    """Depth first, without recursion: chains of calls can be thousands deep."""
    children: dict[int | str | None, list[int]] = {}
    for index, parent in enumerate(parents):
        children.setdefault(missing.get(index, parent), []).append(index)
    top = [*children.get(None, ()), *(orphans[0] for name, orphans in children.items() if isinstance(name, str))]
    clocks = Clocks()
    pending: list[tuple[int, int, int]] = []
    for first in sorted(top, reverse=True):
        orphans = children[missing[first]] if first in missing else [first]
        pending.extend((index, int(first in missing), 0) for index in reversed(orphans))
    while pending:
        index, depth, shift_us = pending.pop()
        item = ordered[index]
        yield Step(item, depth, index in missing, shift_us)
        below = [
            (child, depth + 1, clocks.shift_us(ordered[child], item, shift_us)) for child in children.get(index, ())
        ]
        pending.extend(sorted(below, key=lambda child: (ordered[child[0]].time_us + child[2], child[0]), reverse=True))
