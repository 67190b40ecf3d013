"""Deletion of a share of the items, the oldest first, with clients whose clocks are wrong."""

import math
from collections.abc import Sequence

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import Store, StoreUnavailableError
from support.items import HOUR_US, MINUTE_US, NOON_US, SECOND_US, all_items, request

DAY_US = 24 * HOUR_US
IN_2100_US = 4_102_444_800_000_000


def dated(times_us: Sequence[int]) -> list[Item]:
    """Items with these start times."""
    return [request("echo", f"{number:016x}", time_us=time_us) for number, time_us in enumerate(times_us)]


def ids(items: Sequence[Item]) -> list[str]:
    return [item.id for item in items]


@pytest.mark.parametrize(("share", "deleted"), [(0.0, 0), (0.25, 25), (0.101, 11), (1.0, 100)])
def test_share_of_the_oldest_items_is_deleted(store: Store, share: float, deleted: int) -> None:
    items = dated([NOON_US - number * SECOND_US for number in range(100)])
    anyio.run(store.append, items)

    assert store.delete_oldest(share, NOON_US) == deleted
    assert all_items(store) == items[: 100 - deleted]


def test_empty_store_has_no_oldest_items(store: Store) -> None:
    assert store.delete_oldest(0.5, NOON_US) == 0


@pytest.mark.parametrize("time_us", [0, NOON_US - DAY_US, NOON_US, NOON_US + HOUR_US, IN_2100_US])
def test_of_items_with_equal_times_those_stored_first_are_deleted(store: Store, time_us: int) -> None:
    items = dated([time_us] * 100)
    anyio.run(store.append, items)

    assert store.delete_oldest(0.4, NOON_US) == 40
    assert all_items(store) == items[40:]


@pytest.mark.parametrize("future_us", [NOON_US + HOUR_US, NOON_US + DAY_US, NOON_US + DAY_US + 1, IN_2100_US])
def test_items_stored_after_items_of_the_future_remain(store: Store, future_us: int) -> None:
    today = dated([NOON_US - number * SECOND_US for number in range(20)])
    anyio.run(store.append, dated([future_us] * 80))
    anyio.run(store.append, today)

    for _ in range(8):
        store.delete_oldest(0.2, NOON_US)
    remaining = all_items(store)

    assert remaining == today[: len(remaining)]
    store.delete_oldest(1.0, NOON_US)


def test_items_more_than_a_day_in_the_future_are_deleted_before_earlier_items(store: Store) -> None:
    today = dated([NOON_US - number * SECOND_US for number in range(20)])
    anyio.run(store.append, today)
    anyio.run(store.append, dated([IN_2100_US] * 20))

    assert store.delete_oldest(0.5, NOON_US) == 20
    assert all_items(store) == today


def test_items_of_a_fast_clock_are_as_old_as_those_stored_before_them(store: Store) -> None:
    items = dated([NOON_US - MINUTE_US, NOON_US + HOUR_US, NOON_US - SECOND_US, NOON_US + HOUR_US])
    anyio.run(store.append, items)

    store.delete_oldest(0.5, NOON_US)

    assert ids(all_items(store)) == ids(items[2:])


def test_deleting_the_oldest_items_equals_the_reference(store: Store) -> None:
    offsets = st.sampled_from([-DAY_US, -1, 0, 1, HOUR_US, DAY_US, DAY_US + 1, 100 * DAY_US]) | st.integers(-9, 9)

    @settings(max_examples=40)
    @given(st.lists(offsets, max_size=20), st.floats(0, 1))
    def check(offsets_us: list[int], share: float) -> None:
        store.delete_before(ALL_TIME.end_us)
        items = dated([NOON_US + offset_us for offset_us in offsets_us])
        anyio.run(store.append, items)
        order = []
        for position, offset_us in enumerate(offsets_us):
            earlier = [other for other in offsets_us[: position + 1] if other <= 0]
            known = offset_us <= DAY_US and bool(earlier)
            order.append((known, (offset_us if offset_us <= 0 else max(earlier)) if known else 0, position))
        deleted = {position for *_, position in sorted(order)[: math.ceil(share * len(items))]}

        assert store.delete_oldest(share, NOON_US) == len(deleted)
        assert ids(all_items(store)) == [item.id for number, item in enumerate(items) if number not in deleted]

    check()


def test_space_of_the_oldest_items_is_freed(store: Store) -> None:
    anyio.run(store.append, [item._replace(data=str(hash((item.id, "x")) ** 20)) for item in dated([NOON_US] * 50_000)])
    store.delete_oldest(0.01, NOON_US)  # a checkpoint, which moves the items from the log to the file
    full_bytes = store.used_bytes()

    store.delete_oldest(1.0, NOON_US)

    assert store.used_bytes() < full_bytes / 2


def test_items_are_stored_while_the_oldest_are_deleted(store: Store) -> None:
    async def write_and_delete() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(store.append, dated([NOON_US] * 100))
            for _ in range(5):
                await anyio.to_thread.run_sync(store.delete_oldest, 0.5, NOON_US)
        await anyio.to_thread.run_sync(store.delete_oldest, 1.0, NOON_US)

    anyio.run(write_and_delete)

    assert store.stats().items == 0


def test_delete_oldest_on_a_closed_store_is_rejected(own_store: Store) -> None:
    own_store.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        own_store.delete_oldest(0.5, NOON_US)
