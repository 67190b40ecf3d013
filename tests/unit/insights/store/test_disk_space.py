"""DuckDB: the disk space of file and log, row groups, and the work of a checkpoint."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from local_insights.model.item import Item
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.database import MAX_LOG_BYTES
from local_insights.store.duckdb.disk_space import capacity, log_bytes
from local_insights.store.duckdb.store import DuckDBStore
from support.items import NOON_US, SECOND_US, request

MIB = 1024 * 1024
LIMIT_BYTES = 24 * MIB
ROW_GROUPS = "SELECT COUNT(DISTINCT row_group_id) AS groups FROM pragma_storage_info('items')"


def long_items(numbers: range, characters: int = 20_000) -> list[Item]:
    """Items with a text that does not compress well."""
    return [
        request("echo", f"{number:016x}", time_us=NOON_US + number * SECOND_US)._replace(
            properties_json=hashlib.shake_256(str(number).encode()).hexdigest(characters // 2)
        )
        for number in numbers
    ]


def disk_bytes(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.rglob("*"))


@pytest.fixture
def limited_store(tmp_path: Path) -> Iterator[DuckDBStore]:
    """An empty store with a size limit."""
    store = DuckDBStore(tmp_path, max_bytes=LIMIT_BYTES)
    yield store
    store.close()


@pytest.mark.parametrize("max_mib", [64, 100, 128, 4096, 1_000_000])
def test_log_and_growth_fit_between_capacity_and_limit(max_mib: int) -> None:
    assert capacity(max_mib * MIB) + 2 * log_bytes(max_mib * MIB) < max_mib * MIB
    assert capacity(max_mib * MIB) > 0.75 * max_mib * MIB
    assert log_bytes(max_mib * MIB) <= log_bytes(None) == MAX_LOG_BYTES


def test_growing_store_stays_within_its_limit_on_disk_with_the_newest_items(
    limited_store: DuckDBStore, tmp_path: Path
) -> None:
    batch, sent = 50, 0
    for _ in range(50):
        anyio.run(limited_store.append, long_items(range(sent, sent + batch)))
        sent += batch
        assert disk_bytes(tmp_path) < LIMIT_BYTES
        limited_store.delete_excess(LIMIT_BYTES, NOON_US)
        assert disk_bytes(tmp_path) < LIMIT_BYTES

    oldest_us = limited_store.stats().oldest_us
    assert oldest_us is not None
    oldest = (oldest_us - NOON_US) // SECOND_US
    assert limited_store.stats().items == sent - oldest
    assert limited_store.used_bytes() > capacity(LIMIT_BYTES) - 2 * log_bytes(LIMIT_BYTES)
    limited_store.close()
    assert disk_bytes(tmp_path) < LIMIT_BYTES


def test_store_at_its_limit_rejects_items_until_old_ones_are_deleted(
    limited_store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    anyio.run(limited_store.append, long_items(range(100)))
    monkeypatch.setattr(limited_store._space, "_max_bytes", MIB)

    with pytest.raises(StoreUnavailableError, match="INSIGHTS_MAX_STORE_MB"):
        anyio.run(limited_store.append, long_items(range(100, 101)))
    with pytest.raises(StoreUnavailableError, match="INSIGHTS_MAX_STORE_MB"):
        limited_store.require_ready()
    limited_store.delete_excess(13 * MIB, NOON_US)
    anyio.run(limited_store.append, long_items(range(101, 102)))

    assert limited_store.stats().items == 1


def test_items_that_a_query_reads_are_deleted_once(limited_store: DuckDBStore) -> None:
    for first in range(0, 1600, 100):
        anyio.run(limited_store.append, long_items(range(first, first + 100)))
    with limited_store._database.cursor() as query:
        query.begin()
        query.execute("SELECT COUNT(*) FROM items").fetchall()
        first_deleted = limited_store.delete_excess(LIMIT_BYTES, NOON_US)
        assert limited_store.delete_excess(LIMIT_BYTES, NOON_US) == 0
        query.rollback()

    limited_store.delete_excess(LIMIT_BYTES, NOON_US)

    assert limited_store.used_bytes() <= capacity(LIMIT_BYTES)
    assert first_deleted > 0


def test_queries_continue_after_a_checkpoint_that_waited_for_them(limited_store: DuckDBStore) -> None:
    anyio.run(limited_store.append, long_items(range(10)))
    counts: list[int] = []
    with limited_store._database.cursor():
        assert not limited_store._database.checkpoint(wait_s=0)
        waiting = threading.Thread(target=limited_store._database.checkpoint, args=(10,))
        waiting.start()
        late = threading.Thread(target=lambda: counts.append(limited_store.stats().items))
        late.start()
    waiting.join(10)
    late.join(10)

    assert counts == [10]


def test_checkpoint_adds_row_groups_and_rewrites_none(limited_store: DuckDBStore) -> None:
    for number in range(4):
        anyio.run(limited_store.append, long_items(range(number, number + 1)))
        assert limited_store._database.checkpoint(wait_s=1)

    assert limited_store.execute(ROW_GROUPS, {}) == [(4,)]


def test_deletion_of_few_items_by_age_writes_no_checkpoint(limited_store: DuckDBStore, tmp_path: Path) -> None:
    anyio.run(limited_store.append, long_items(range(100), characters=10))
    log = tmp_path / "insights.duckdb.wal"

    assert limited_store.delete_before(NOON_US + SECOND_US) == 1
    assert log.stat().st_size > 0
    assert limited_store.delete_before(NOON_US + 50 * SECOND_US) == 49
    assert not log.exists() or log.stat().st_size == 0
