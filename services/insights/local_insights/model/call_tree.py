"""The tree that parent ids describe, made of whatever arrived.

Telemetry is lossy and late: parents are missing, ids repeat, and some senders name an item as its own ancestor. Every
item keeps exactly one place in the tree all the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    clocks = Clocks()
    walk = tuple(_walk(ordered, parents, missing, clocks))
    if clocks.disagree:
        # Now that the clocks are known, what came before them or hangs below nothing is corrected, too.
        walk = tuple(_walk(ordered, parents, missing, clocks))
    return CallTree(walk, broken)


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


class _Place(NamedTuple):
    """An item's place among those that are still to be walked."""

    number: int
    depth: int
    shift_us: int


def _walk(
    ordered: Sequence[Item], parents: Sequence[int | None], missing: Mapping[int, str], clocks: Clocks
) -> Iterator[Step]:
    """Depth first, without recursion: chains of calls can be thousands deep."""
    children: dict[int | str | None, list[int]] = {}
    for index, parent in enumerate(parents):
        children.setdefault(missing.get(index, parent), []).append(index)

    def when(place: _Place) -> tuple[int, int]:
        return ordered[place.number].time_us + place.shift_us, place.number

    def placed(indices: Iterable[int], depth: int, cause: Item | None = None, shift_us: int = 0) -> list[_Place]:
        places = (_Place(index, depth, clocks.shift_us(ordered[index], cause, shift_us)) for index in indices)
        return sorted(places, key=when)

    families = [[root] for root in placed(children.get(None, ()), 0)]
    families += [placed(orphans, 1) for parent, orphans in children.items() if isinstance(parent, str)]
    families.sort(key=lambda family: when(family[0]))
    pending = [place for family in families for place in family][::-1]
    while pending:
        index, depth, shift_us = pending.pop()
        yield Step(ordered[index], depth, index in missing, shift_us)
        pending.extend(reversed(placed(children.get(index, ()), depth + 1, ordered[index], shift_us)))
