"""Deletion of the oldest items beyond a size, with clients whose clocks are wrong."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import Store, StoreUnavailableError
from support.items import HOUR_US, NOON_US, SECOND_US, all_items, request

DAY_US = 24 * HOUR_US
IN_2100_US = 4_102_444_800_000_000
MIB = 1024 * 1024
LIMIT_BYTES = 64 * MIB


def dated(times_us: Sequence[int]) -> list[Item]:
    """Items with these start times."""
    return [request("echo", f"{number:016x}", time_us=time_us) for number, time_us in enumerate(times_us)]


def append_long_items(store: Store, batches: int, time_us: int) -> None:
    """Store batches of 2 MB of items, with texts that do not compress well."""
    for batch in range(batches):
        texts = [hashlib.shake_256(f"{batch} {number}".encode()).hexdigest(10_000) for number in range(100)]
        items = [
            request("echo", f"{batch:08x}{number:08x}", time_us=time_us, properties_json=text)
            for number, text in enumerate(texts)
        ]
        anyio.run(store.append, items)


@pytest.mark.parametrize("times_us", [[NOON_US] * 40, [NOON_US - number * SECOND_US for number in range(40)]])
def test_items_within_the_size_remain(store: Store, times_us: list[int]) -> None:
    items = dated(times_us)
    anyio.run(store.append, items)

    assert store.delete_excess(LIMIT_BYTES, NOON_US) == 0
    assert all_items(store) == items


def test_empty_store_has_no_excess(store: Store) -> None:
    assert store.delete_excess(1, NOON_US) == 0


def test_items_received_last_remain_with_any_time(store: Store) -> None:
    offsets = st.sampled_from([-100 * DAY_US, -DAY_US, -1, 0, 1, HOUR_US, DAY_US, DAY_US + 1, 100 * DAY_US])

    @settings(max_examples=25)
    @given(st.lists(offsets, min_size=1, max_size=20))
    def check(offsets_us: list[int]) -> None:
        store.delete_before(ALL_TIME.end_us)
        items = dated([NOON_US + offset_us for offset_us in offsets_us])
        anyio.run(store.append, items)
        before_bytes = store.used_bytes()

        deleted = store.delete_excess(before_bytes - 1, NOON_US)

        remaining = all_items(store)
        future = [item for item in items if item.time_us > NOON_US + DAY_US]
        order = [*future, *(item for item in items if item not in future)]
        assert deleted == len(items) - len(remaining) > 0
        assert remaining == [item for item in items if item in order[deleted:]]

    check()


def test_items_stored_after_items_of_the_future_remain(own_store: Store) -> None:
    today = dated([NOON_US - number * SECOND_US for number in range(20)])
    for time_us in (NOON_US + HOUR_US, NOON_US + DAY_US, IN_2100_US):
        append_long_items(own_store, 6, time_us)
    anyio.run(own_store.append, today)

    for _ in range(3):
        own_store.delete_excess(24 * MIB, NOON_US)

    assert all_items(own_store)[-20:] == today


def test_items_more_than_a_day_in_the_future_are_deleted_before_earlier_items(own_store: Store) -> None:
    today = dated([NOON_US - number * SECOND_US for number in range(20)])
    anyio.run(own_store.append, today)
    append_long_items(own_store, 16, IN_2100_US)

    assert 0 < own_store.delete_excess(24 * MIB, NOON_US) < 1600
    assert all_items(own_store)[:20] == today


def test_items_are_stored_while_the_oldest_are_deleted(store: Store) -> None:
    async def write_and_delete() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(store.append, dated([NOON_US + number] * 100))
            for _ in range(5):
                await anyio.to_thread.run_sync(store.delete_excess, 1, NOON_US)
        await anyio.to_thread.run_sync(store.delete_excess, 1, NOON_US)

    anyio.run(write_and_delete)

    assert store.stats().items == 0


def test_delete_excess_on_a_closed_store_is_rejected(open_store: Callable[[Path], Store], tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        store.delete_excess(1, NOON_US)
