"""Deletion of the items before a time."""

import anyio
import pytest

from local_insights.model.item import Item
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import Store, StoreUnavailableError
from support.items import MINUTE_US, NOON_US, SECOND_US, request


def items(count: int) -> list[Item]:
    """Items one second apart from noon on, each with a text that does not compress well."""
    return [
        request("echo", f"{number:016x}", time_us=NOON_US + number * SECOND_US, data=str(hash((number, "x")) ** 20))
        for number in range(count)
    ]


def test_delete_before_deletes_earlier_items_only(store: Store) -> None:
    stored = items(120)
    anyio.run(store.append, stored)

    assert store.delete_before(NOON_US + MINUTE_US) == 60
    assert store.delete_before(NOON_US + MINUTE_US) == 0
    assert store.stats() == StoreStats(60, stored[60].time_us, stored[-1].time_us)
    assert store.transaction(stored[0].operation_id) == stored[60:]


def test_delete_before_frees_the_space_of_the_items(store: Store) -> None:
    anyio.run(store.append, items(50_000))
    store.delete_before(NOON_US + SECOND_US)  # a checkpoint, which moves the items from the log to the file
    full_bytes = store.used_bytes()

    store.delete_before(NOON_US + 50_000 * SECOND_US)

    assert 0 <= store.used_bytes() < full_bytes / 2


def test_items_are_deleted_while_others_are_written(store: Store) -> None:
    async def write_and_delete() -> None:
        async with anyio.create_task_group() as tasks:
            for begin in range(0, 2_000, 100):
                tasks.start_soon(store.append, items(2_000)[begin : begin + 100])
            for _ in range(5):
                await anyio.to_thread.run_sync(store.delete_before, NOON_US + 1_000 * SECOND_US)
        await anyio.to_thread.run_sync(store.delete_before, NOON_US + 1_000 * SECOND_US)

    anyio.run(write_and_delete)

    assert store.stats().items == 1_000


def test_delete_before_on_a_closed_store_is_rejected(own_store: Store) -> None:
    own_store.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        own_store.delete_before(NOON_US)
