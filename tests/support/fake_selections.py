"""Answers about selections from items in a list, by plain loops."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import (
    Failure,
    Group,
    GroupField,
    GroupOrder,
    Groups,
    Sample,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.statistics import CallStatistics, bucket, combined
from local_insights.model.summaries import ItemCounts
from local_insights.model.time_range import TimeRange
from support.selection_reference import by_step, failed, failing_with, first_groups, grouped, selected, weight

FAILING = (ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.EXCEPTION)


class CannedSelections:
    """A store's answers about selections; every question is noted first."""

    def searched_items(self) -> Sequence[Item]:
        """What is selected from."""
        raise NotImplementedError

    def _ask(self, question: str, about: object) -> None:
        raise NotImplementedError

    def roles(self, time_range: TimeRange) -> tuple[str, ...]:
        self._ask("roles", time_range)
        return tuple(sorted({item.role for kind in ItemType for item in self._selected(Selection(kind), time_range)}))

    def item_counts(self, time_range: TimeRange, role: str | None = None) -> dict[ItemType, ItemCounts]:
        self._ask("item_counts", (time_range, role))
        kinds = {kind: self._selected(Selection(kind, role=role), time_range) for kind in FAILING}
        return {kind: ItemCounts(weight(items), weight(failed(items))) for kind, items in kinds.items() if items}

    def groups(  # noqa: PLR0913 - as the contract puts the question
        self,
        selection: Selection,
        by: Sequence[GroupField],
        time_range: TimeRange,
        *,
        order: GroupOrder,
        limit: int,
        percentiles: bool = True,
    ) -> Groups:
        self._ask("groups", (selection, by, time_range, order))
        groups = grouped(self._selected(selection, time_range), by)
        first = first_groups(self._selected(selection, time_range), by, order, limit)
        return Groups(
            tuple(
                Group(
                    replace(selection, **dict[str, Any](zip(by, name, strict=True))),
                    _statistics(groups[name], percentiles=percentiles),
                )
                for name in first
            ),
            total=len(groups),
        )

    def trend(
        self, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool = True
    ) -> list[TimelinePoint]:
        self._ask("trend", (selection, time_range, steps))
        found = by_step(self._selected(selection, time_range), time_range, steps)
        return [
            TimelinePoint(
                time_range.start_us + step * time_range.duration_us // steps,
                _statistics(found[step], percentiles=percentiles),
            )
            for step in sorted(found)
        ]

    def co_occurring_failures(self, selection: Selection, time_range: TimeRange, limit: int = 10_000) -> list[Failure]:
        self._ask("co_occurring_failures", (selection, time_range))
        candidates = failed(item for kind in FAILING for item in self._selected(Selection(kind), time_range))
        beside = failing_with(candidates, self._selected(selection, time_range))
        facts = [field.name for field in fields(Failure)][:-1]
        found = [
            Failure(**dict[str, Any](zip(facts, name, strict=True)), items=weight(group))
            for name, group in grouped(beside, facts).items()
        ]
        return sorted(found, key=lambda failure: -failure.items)[:limit]

    def samples(
        self, selection: Selection, time_range: TimeRange, limit: int, *, order: SampleOrder = "newest"
    ) -> list[Sample]:
        self._ask("samples", (selection, time_range, order))
        found = [item for item in self._selected(selection, time_range) if item.operation_id]
        if order != "newest":
            found = [item for item in found if item.duration_us is not None]
        keys = {"newest": lambda item: -item.time_us, "slowest": lambda item: -(item.duration_us or 0)}
        found.sort(key=keys[order] if isinstance(order, str) else lambda item: abs((item.duration_us or 0) - order))
        facts = [field.name for field in fields(Sample)]
        return [Sample(*(getattr(item, fact) for fact in facts)) for item in found[:limit]]

    def _selected(self, selection: Selection, time_range: TimeRange) -> list[Item]:
        return selected(self.searched_items(), selection, time_range)


def _statistics(items: Iterable[Item], *, percentiles: bool) -> CallStatistics:
    return combined(
        CallStatistics(
            item.item_count,
            weight(failed([item])),
            (item.duration_us or 0) * item.item_count,
            {} if item.duration_us is None or not percentiles else {bucket(item.duration_us): item.item_count},
        )
        for item in items
    )
