"""Counts, groups, trends and samples of selected items."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import (
    Failure,
    Group,
    GroupField,
    GroupOrder,
    Groups,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.statistics import CallStatistics
from local_insights.model.summaries import ItemCounts
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import SelectionReader
from local_insights.store.memory.items import ItemSource, group_by, has_failed, summarize

_COUNTED_TYPES = (ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.EXCEPTION)
_FAILURE_FIELDS = ("item_type", "role", "name", "dependency_type", "target", "result_code")
_EQUAL_FIELDS = (*_FAILURE_FIELDS, "instrumentation_key")


class MemorySelectionReader(ItemSource, SelectionReader):
    """The queries of `SelectionReader`."""

    def roles(self, time_range: TimeRange) -> tuple[str, ...]:
        return tuple(sorted({item.role for item in self._items_in(time_range)}))

    def item_counts(self, time_range: TimeRange, role: str | None = None) -> dict[ItemType, ItemCounts]:
        items = (item for item in self._items_in(time_range) if role is None or item.role == role)
        return {
            ItemType(item_type): ItemCounts(statistics.calls, statistics.failed)
            for item_type, group in group_by(items, lambda item: item.item_type)
            if item_type in _COUNTED_TYPES and (statistics := summarize(group))
        }

    def groups(  # noqa: PLR0913 - the signature of the contract
        self,
        selection: Selection,
        by: Sequence[GroupField],
        time_range: TimeRange,
        *,
        order: GroupOrder,
        limit: int,
        percentiles: bool = True,
    ) -> Groups:
        groups = [
            Group(
                replace(selection, **dict(zip(by, values, strict=True))),
                summarize(group, has_failed, percentiles=percentiles),
            )
            for values, group in group_by(
                self._selected(selection, time_range), lambda item: tuple(getattr(item, field) for field in by)
            )
        ]
        measure = _measure(order)
        groups.sort(key=lambda group: (-measure(group.statistics), -group.statistics.calls))
        return Groups(tuple(groups[:limit]), len(groups))

    def trend(
        self, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool = True
    ) -> list[TimelinePoint]:
        def start_us(item: Item) -> tuple[int]:
            step = (item.time_us - time_range.start_us) * steps // time_range.duration_us
            return (time_range.start_us + step * time_range.duration_us // steps,)

        return [
            TimelinePoint(start, summarize(group, has_failed, percentiles=percentiles))
            for (start,), group in group_by(self._selected(selection, time_range), start_us)
        ]

    def co_occurring_failures(self, selection: Selection, time_range: TimeRange, limit: int = 10_000) -> list[Failure]:
        failed = [item for item in self._items_in(time_range) if item.operation_id and has_failed(item)]
        operation_ids = {item.operation_id for item in failed if matches_selection(item, selection)}
        co_occurring = (
            item for item in failed if item.operation_id in operation_ids and item.item_type in _COUNTED_TYPES
        )
        failures = [
            Failure(*(*values, summarize(group).calls))
            for values, group in group_by(co_occurring, attrgetter(*_FAILURE_FIELDS))
        ]
        return sorted(failures, key=lambda failure: -failure.items)[:limit]

    def samples(
        self, selection: Selection, time_range: TimeRange, limit: int, *, order: SampleOrder = "newest"
    ) -> list[Item]:
        items = [
            item for item in self._selected(selection, time_range) if order == "newest" or item.duration_us is not None
        ]
        items.sort(key=lambda item: -item.time_us)
        if order == "slowest":
            items.sort(key=lambda item: -(item.duration_us or 0))
        elif isinstance(order, int):
            items.sort(key=lambda item: abs((item.duration_us or 0) - order))
        return items[:limit]

    def _items_in(self, time_range: TimeRange) -> list[Item]:
        return self.items_between(time_range.start_us, time_range.end_us)

    def _selected(self, selection: Selection, time_range: TimeRange) -> Iterable[Item]:
        return (item for item in self._items_in(time_range) if matches_selection(item, selection))


def matches_selection(item: Item, selection: Selection) -> bool:
    """Return True if an item belongs to a selection."""
    for field in _EQUAL_FIELDS:
        expected = getattr(selection, field)
        if expected is not None and getattr(item, field) != expected:
            return False
    if selection.failed_only and not has_failed(item):
        return False
    if selection.shortest_us is None and selection.longest_us is None:
        return True
    return item.duration_us is not None and (
        (selection.shortest_us or 0) <= item.duration_us
        and (selection.longest_us is None or item.duration_us < selection.longest_us)
    )


def _measure(order: GroupOrder) -> Callable[[CallStatistics], int]:
    match order:
        case "calls":
            return lambda statistics: statistics.calls
        case "failed":
            return lambda statistics: statistics.failed
        case "duration":
            return lambda statistics: statistics.duration_us
