"""DuckDB: durability, group commit, damaged files, query timeout."""

import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import duckdb
import pytest

from local_insights.model.item import Item
from local_insights.store.contract import QueryTimeoutError, StoreError, StoreUnavailableError
from local_insights.store.duckdb.database import FILE_NAME
from local_insights.store.duckdb.insert import Inserter
from local_insights.store.duckdb.store import DuckDBStore
from local_insights.store.duckdb.writer import MAX_QUEUED_ITEMS, GroupWriter
from support.items import EMPTY_ITEM, call, request

ITEM = request("frontend", "a1")


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Simulate a full disk: writes beyond a file size fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_items_are_stored_after_reopening(tmp_path: Path) -> None:
    first = DuckDBStore(tmp_path)
    anyio.run(first.append, [ITEM])
    first.close()
    second = DuckDBStore(tmp_path)
    assert second.transaction(ITEM.operation_id) == [ITEM]
    second.close()


def test_close_commits_queued_items(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)

    async def append_and_close() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(store.append, [request("echo", f"c{number}")])
            await anyio.lowlevel.checkpoint()
            await anyio.to_thread.run_sync(store.close)

    anyio.run(append_and_close)
    store.close()
    again = DuckDBStore(tmp_path)
    assert again.stats().items == 20
    again.close()


def test_full_disk_rejects_whole_batches_and_the_store_recovers(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, [ITEM])
    batch = [call("frontend", f"b{number}", message=f"{number:0100000}") for number in range(20)]
    with no_file_larger_than(1_000_000):
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                anyio.run(store.append, batch)
            assert store.stats().items == 1
    anyio.run(store.append, batch)
    assert store.stats().items == 21
    store.close()


def test_store_that_failed_to_reopen_reopens_for_the_next_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DuckDBStore(tmp_path)

    def broken(*_: object) -> None:
        message = "the database was invalidated"
        raise duckdb.FatalException(message)

    with monkeypatch.context() as patch:
        patch.setattr(Inserter, "insert", broken)
        patch.setattr(duckdb, "connect", broken)
        with pytest.raises(StoreUnavailableError):
            anyio.run(store.append, [ITEM])
        with pytest.raises(StoreUnavailableError):
            store.stats()
    anyio.run(store.append, [ITEM])
    assert store.stats().items == 1
    store.close()


def test_full_write_queue_rejects_items() -> None:
    committing, resume = threading.Event(), threading.Event()

    def slow_commit(_: list[Item]) -> None:
        committing.set()
        resume.wait(10)

    writer = GroupWriter(slow_commit)

    async def overload() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.write, [EMPTY_ITEM])
            await anyio.to_thread.run_sync(committing.wait)
            tasks.start_soon(writer.write, [EMPTY_ITEM] * MAX_QUEUED_ITEMS)
            await anyio.lowlevel.checkpoint()
            with pytest.raises(StoreUnavailableError, match="write queue is full"):
                await writer.write([EMPTY_ITEM])
            resume.set()

    anyio.run(overload)
    writer.close()


def test_batch_larger_than_the_queue_is_accepted_when_the_queue_is_empty() -> None:
    committed: list[int] = []
    writer = GroupWriter(lambda items: committed.append(len(items)))
    anyio.run(writer.write, [EMPTY_ITEM] * (MAX_QUEUED_ITEMS + 1))
    writer.close()
    assert committed == [MAX_QUEUED_ITEMS + 1]


def test_unexpected_error_of_a_commit_is_reported_and_the_writer_continues() -> None:
    def broken(_: list[Item]) -> None:
        message = "unexpected"
        raise TypeError(message)

    writer = GroupWriter(broken)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            anyio.run(writer.write, [EMPTY_ITEM])
    writer.close()


def test_locked_file_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(tmp_path / FILE_NAME)!r}); print(1); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    other.stdout.readline()
    with pytest.raises(StoreError, match=r"locked by another process.*--data"):
        DuckDBStore(tmp_path)
    other.communicate("\n", timeout=10)


def test_file_of_another_schema_version_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER)")
        connection.execute("INSERT INTO schema_version VALUES (99)")
    with pytest.raises(StoreError, match=r"schema version 99.*Move the file away"):
        DuckDBStore(tmp_path)


def test_file_that_is_not_a_database_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("telemetry" * 1000)
    with pytest.raises(StoreError, match=r"move it away|choose another"):
        DuckDBStore(tmp_path)


def test_directory_that_cannot_be_created_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="--data"):
        DuckDBStore(tmp_path / "file" / "data")


def test_query_over_the_time_limit_is_interrupted_and_the_next_one_is_not(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path, time_limit_s=0.5)
    with pytest.raises(QueryTimeoutError, match="shorter time"):
        store.execute("SELECT SUM(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b", {})
    assert store.stats().items == 0
    store.close()
