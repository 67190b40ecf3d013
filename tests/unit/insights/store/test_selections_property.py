"""Property tests: results for random selections equal those of the reference in plain loops."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import Group, GroupField, SampleOrder, Selection
from local_insights.model.statistics import CallStatistics
from local_insights.model.summaries import ItemCounts
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.items import EMPTY_ITEM, HOUR_US, NOON_US
from support.selection_reference import (
    by_step,
    failed,
    failing_with,
    first_groups,
    grouped,
    percentile_ms,
    selected,
    total_ms,
    weight,
)

TYPES = [ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.EXCEPTION, ItemType.AVAILABILITY_RESULT]
FIELDS: list[tuple[GroupField, ...]] = [
    ("role",),
    ("name",),
    ("role", "name"),
    ("dependency_type", "target", "name"),
    ("result_code",),
]
APART_US = 24 * HOUR_US
"""Distance of two examples in one store."""
STEPS = 7


def rarely(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly None: a selection with many conditions would select no item."""
    return st.sampled_from([st.none()] * 4 + [values]).flatmap(lambda strategy: strategy)


optional_names = rarely(st.sampled_from(["a", "b", "c"]))
selections = st.builds(
    Selection,
    item_type=st.sampled_from(TYPES),
    role=optional_names,
    name=optional_names,
    target=optional_names,
    result_code=optional_names,
    shortest_us=rarely(st.integers(0, 10**6)),
    longest_us=rarely(st.integers(0, 10**8)),
    failed_only=st.booleans(),
)


@st.composite
def item_lists(draw: st.DrawFn) -> list[Item]:
    """Items with few different names, so that groups are large. Some begin just outside the hour."""
    return draw(st.lists(items(), min_size=draw(st.sampled_from([0, 8])), max_size=25))


@st.composite
def items(draw: st.DrawFn) -> Item:
    item_type = draw(st.sampled_from(TYPES))
    name = st.sampled_from(["a", "b", "c"])
    timed = item_type != ItemType.EXCEPTION
    return EMPTY_ITEM._replace(
        item_type=item_type,
        time_us=NOON_US + draw(st.integers(-2, HOUR_US + 2) | st.sampled_from([0, HOUR_US - 1, HOUR_US])),
        item_count=draw(st.integers(1, 20)),
        role=draw(name),
        operation_id=draw(st.sampled_from(["trace1", "trace2", "trace3", ""])),
        name=draw(name),
        target=draw(name),
        dependency_type=draw(name),
        result_code=draw(name),
        duration_us=draw(st.none() | st.integers(0, 10**8)) if timed else None,
        success=draw(st.booleans()) if timed else None,  # ingest sets the outcome of all items with a duration
    )


@pytest.fixture(scope="module")
def positions() -> Iterator[int]:
    return itertools.count()


AppendFarApart = Callable[[list[Item]], tuple[list[Item], TimeRange]]


@pytest.fixture
def append_far_apart(shared_store: Store, positions: Iterator[int]) -> AppendFarApart:
    """Stores items far apart from all others. Returns the stored items and their hour."""

    def append(items: list[Item]) -> tuple[list[Item], TimeRange]:
        shift_us = next(positions) * APART_US
        moved = [item._replace(time_us=item.time_us + shift_us) for item in items]
        anyio.run(shared_store.append, moved)
        return moved, TimeRange(NOON_US + shift_us, NOON_US + shift_us + HOUR_US)

    return append


def assert_counts(statistics: CallStatistics, expected: list[Item]) -> None:
    """Counts and sums are exact. The error of percentiles is at most 2 %."""
    assert (statistics.calls, statistics.failed) == (weight(expected), weight(failed(expected)))
    assert statistics.duration_us == round(1000 * total_ms(expected))
    for share in (0.5, 0.95, 0.99):
        exact = percentile_ms(expected, share)
        approximate = statistics.percentile_ms(share)
        assert approximate == (None if exact is None else pytest.approx(exact, rel=0.02, abs=0.002))


def without_buckets(group: Group) -> Group:
    return replace(group, statistics=replace(group.statistics, buckets={}))


def test_groups_equal_the_reference(shared_store: Store, append_far_apart: AppendFarApart) -> None:
    @settings(max_examples=30)
    @given(
        item_lists(), selections, st.sampled_from(FIELDS), st.sampled_from(["calls", "failed", "duration"]), st.data()
    )
    def check(
        items: list[Item], selection: Selection, by: tuple[GroupField, ...], order: str, data: st.DataObject
    ) -> None:
        items, hour = append_far_apart(items)
        limit = data.draw(st.integers(1, 10))
        expected = selected(items, selection, hour)
        groups = shared_store.groups(selection, by, hour, order=order, limit=limit)  # type: ignore[arg-type]
        names = first_groups(expected, by, order, limit)
        assert [group.selection for group in groups.first] == [
            replace(selection, **dict[str, Any](zip(by, name, strict=True))) for name in names
        ]
        assert groups.total == len(grouped(expected, by))
        for name, group in zip(names, groups.first, strict=True):
            assert_counts(group.statistics, grouped(expected, by)[name])
        without = shared_store.groups(selection, by, hour, order=order, limit=limit, percentiles=False)  # type: ignore[arg-type]
        assert without == replace(groups, first=tuple(map(without_buckets, groups.first)))

    check()


def test_trends_equal_the_reference(shared_store: Store, append_far_apart: AppendFarApart) -> None:
    @settings(max_examples=25)
    @given(item_lists(), selections)
    def check(items: list[Item], selection: Selection) -> None:
        items, hour = append_far_apart(items)
        expected = by_step(selected(items, selection, hour), hour, STEPS)
        points = shared_store.trend(selection, hour, STEPS)
        assert [point.start_us for point in points] == [
            hour.start_us + step * HOUR_US // STEPS for step in sorted(expected)
        ]
        for point, step in zip(points, sorted(expected), strict=True):
            assert_counts(point.statistics, expected[step])
        without = shared_store.trend(selection, hour, STEPS, percentiles=False)
        assert without == [replace(point, statistics=replace(point.statistics, buckets={})) for point in points]

    check()


def test_co_occurring_failures_equal_the_reference(shared_store: Store, append_far_apart: AppendFarApart) -> None:
    @settings(max_examples=25)
    @given(item_lists(), selections)
    def check(items: list[Item], selection: Selection) -> None:
        items, hour = append_far_apart(items)
        co_occurring = failing_with(
            [item for item_type in TYPES[:3] for item in failed(selected(items, Selection(item_type), hour))],
            selected(items, selection, hour),
        )
        fields_ = ("item_type", "role", "name", "dependency_type", "target", "result_code")
        expected = {name: weight(group) for name, group in grouped(co_occurring, fields_).items()}
        found = shared_store.co_occurring_failures(selection, hour)
        assert {tuple(str(getattr(failure, fact)) for fact in fields_): failure.items for failure in found} == expected
        assert [failure.items for failure in found] == sorted(expected.values(), reverse=True)
        assert shared_store.co_occurring_failures(selection, hour, limit=1) == found[:1]

    check()


def test_samples_are_the_newest_the_slowest_or_the_nearest(
    shared_store: Store, append_far_apart: AppendFarApart
) -> None:
    @settings(max_examples=30)
    @given(item_lists(), selections, st.sampled_from(["newest", "slowest"]) | st.integers(0, 10**8))
    def check(items: list[Item], selection: Selection, order: SampleOrder) -> None:
        items, hour = append_far_apart(items)
        candidates = selected(items, selection, hour)
        found = shared_store.samples(selection, hour, 5, order=order)
        durations_us = [item.duration_us for item in candidates if item.duration_us is not None]
        if order == "newest":
            assert [item.time_us for item in found] == sorted((item.time_us for item in candidates), reverse=True)[:5]
        elif order == "slowest":
            assert [item.duration_us for item in found] == sorted(durations_us, reverse=True)[:5]
        else:
            distances = [abs(duration_us - int(order)) for duration_us in durations_us]
            assert [abs((item.duration_us or 0) - int(order)) for item in found] == sorted(distances)[:5]
        assert set(found) <= set(candidates)

    check()


def test_item_counts_and_roles_equal_the_reference(shared_store: Store, append_far_apart: AppendFarApart) -> None:
    @settings(max_examples=25)
    @given(item_lists(), optional_names)
    def check(items: list[Item], role: str | None) -> None:
        items, hour = append_far_apart(items)
        items_by_type = {item_type: selected(items, Selection(item_type, role=role), hour) for item_type in TYPES[:3]}
        found = shared_store.item_counts(hour, role)
        assert found == {
            item_type: ItemCounts(weight(some), weight(failed(some)))
            for item_type, some in items_by_type.items()
            if some
        }
        assert shared_store.roles(hour) == tuple(
            sorted({item.role for item_type in TYPES for item in selected(items, Selection(item_type), hour)})
        )

    check()
