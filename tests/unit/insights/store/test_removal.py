"""Removing the oldest items, while others are written."""

import anyio
import pytest

from local_insights.model.item import Item
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.store import DuckDBStore
from support.stored_items import MINUTE_US, NOON_US, SECOND_US, request


def items(count: int) -> list[Item]:
    """One a second from noon on, each with a text of its own that does not compress well."""
    return [
        request("echo", f"{number:016x}", time_us=NOON_US + number * SECOND_US, data=str(hash((number, "x")) ** 20))
        for number in range(count)
    ]


def test_what_began_earlier_is_gone_and_the_rest_is_as_it_was(store: DuckDBStore) -> None:
    kept = items(120)
    anyio.run(store.append, kept)

    assert store.delete_before(NOON_US + MINUTE_US) == 60
    assert store.delete_before(NOON_US + MINUTE_US) == 0
    assert store.stats() == StoreStats(60, kept[60].time_us, kept[-1].time_us)
    assert store.transaction(kept[0].operation_id) == kept[60:]


def test_space_of_removed_items_is_free_for_others(store: DuckDBStore) -> None:
    anyio.run(store.append, items(50_000))
    store.delete_before(NOON_US + SECOND_US)  # which also takes what was written from the log to the file
    full_bytes = store.used_bytes()

    store.delete_before(NOON_US + 50_000 * SECOND_US)

    assert 0 < store.used_bytes() < full_bytes / 2


@pytest.mark.parametrize(("share", "first"), [(1.0, 0), (0.5, 50), (0.9, 10)])
def test_the_oldest_of_the_newest_is_found_by_their_share(store: DuckDBStore, share: float, first: int) -> None:
    hundred = items(100)
    anyio.run(store.append, hundred)

    assert store.retention_cutoff(share) == pytest.approx(hundred[first].time_us, abs=SECOND_US)


def test_an_empty_store_has_no_oldest(store: DuckDBStore) -> None:
    assert store.retention_cutoff(0.5) is None


def test_items_can_be_removed_while_others_are_written(store: DuckDBStore) -> None:
    async def write_and_forget() -> None:
        async with anyio.create_task_group() as tasks:
            for begin in range(0, 2_000, 100):
                tasks.start_soon(store.append, items(2_000)[begin : begin + 100])
            for _ in range(5):
                await anyio.to_thread.run_sync(store.delete_before, NOON_US + 1_000 * SECOND_US)
        await anyio.to_thread.run_sync(store.delete_before, NOON_US + 1_000 * SECOND_US)

    anyio.run(write_and_forget)

    assert store.stats().items == 1_000


def test_a_closed_store_says_that_nothing_was_removed(store: DuckDBStore) -> None:
    store.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        store.delete_before(NOON_US)
