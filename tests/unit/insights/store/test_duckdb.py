"""DuckDB: durability, group commit, damaged files, query timeout."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import duckdb
import pytest

from local_insights.model.item import Item
from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import QueryFailedError, QueryTimeoutError, StoreError, StoreUnavailableError
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.insert import Inserter
from local_insights.store.duckdb.store import DuckDBStore
from local_insights.store.duckdb.writer import GROUP_BYTES, MAX_QUEUED_ITEMS, GroupWriter
from local_insights.store.identity import AppendedItems
from support.items import ALL_ITEMS, EMPTY_ITEM, call, request

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


def test_commit_whose_checkpoint_fails_is_acknowledged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = DuckDBStore(tmp_path)
    store.execute("SET checkpoint_threshold = '1MB'", {})
    acknowledged = 0
    with no_file_larger_than(1_500_000):
        for number in range(28):
            items = [call("frontend", f"b{number}-{part}", message=os.urandom(5_000).hex()) for part in range(10)]
            with suppress(StoreUnavailableError):
                anyio.run(store.append, items)
                acknowledged += len(items)
            assert store.stats().items == acknowledged
    assert "the checkpoint failed" in caplog.text
    assert acknowledged < 280
    anyio.run(store.append, [ITEM])
    assert store.stats().items == acknowledged + 1
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

    def slow_commit(group: list[AppendedItems]) -> list[Sequence[Item]]:
        committing.set()
        resume.wait(10)
        return [appended.items for appended in group]

    writer = GroupWriter(slow_commit)

    async def overload() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.write, AppendedItems([EMPTY_ITEM]))
            await anyio.to_thread.run_sync(committing.wait)
            tasks.start_soon(writer.write, AppendedItems([EMPTY_ITEM] * MAX_QUEUED_ITEMS))
            await anyio.lowlevel.checkpoint()
            with pytest.raises(StoreUnavailableError, match="write queue is full"):
                await writer.write(AppendedItems([EMPTY_ITEM]))
            resume.set()

    anyio.run(overload)
    writer.close()


def test_batch_larger_than_the_queue_is_accepted_when_the_queue_is_empty() -> None:
    committed: list[int] = []

    def commit(group: list[AppendedItems]) -> list[Sequence[Item]]:
        stored = [appended.items for appended in group]
        committed.append(sum(map(len, stored)))
        return stored

    writer = GroupWriter(commit)
    anyio.run(writer.write, AppendedItems([EMPTY_ITEM] * (MAX_QUEUED_ITEMS + 1)))
    writer.close()
    assert committed == [MAX_QUEUED_ITEMS + 1]


def test_group_of_long_texts_is_limited_by_its_bytes() -> None:
    committing, resume = threading.Event(), threading.Event()
    groups: list[int] = []

    def slow_commit(group: list[AppendedItems]) -> list[Sequence[Item]]:
        groups.append(sum(len(appended.items) for appended in group))
        committing.set()
        resume.wait(10)
        return [appended.items for appended in group]

    writer = GroupWriter(slow_commit)
    batch = [EMPTY_ITEM._replace(message="x" * (GROUP_BYTES // 20))] * 10

    async def write() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.write, AppendedItems([EMPTY_ITEM]))
            await anyio.to_thread.run_sync(committing.wait)
            for _ in range(6):
                tasks.start_soon(writer.write, AppendedItems(batch))
            await anyio.lowlevel.checkpoint()
            resume.set()

    anyio.run(write)
    writer.close()
    assert groups == [1, 30, 30]


def test_unexpected_error_of_a_commit_is_reported_and_the_writer_continues() -> None:
    def broken(_: list[AppendedItems]) -> list[Sequence[Item]]:
        message = "unexpected"
        raise TypeError(message)

    writer = GroupWriter(broken)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            anyio.run(writer.write, AppendedItems([EMPTY_ITEM]))
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


def test_file_that_is_not_a_database_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("telemetry" * 1000)
    with pytest.raises(StoreError, match=r"is not a DuckDB file\..*insights export.*move .*insights.duckdb away"):
        DuckDBStore(tmp_path)


def test_empty_file_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    with pytest.raises(StoreError, match="is not a DuckDB file"):
        DuckDBStore(tmp_path)


def test_directory_instead_of_the_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match="Is a directory"):
        DuckDBStore(tmp_path)


@pytest.fixture
def full_file(tmp_path: Path) -> Path:
    """A closed file with items whose texts do not compress well. The path contains the words "lock on file"."""
    directory = tmp_path / "lock on file"
    store = DuckDBStore(directory)
    texts = [str(hash((number, "x")) ** 20) for number in range(9_000)]
    anyio.run(store.append, [call("frontend", f"b{number}", data=text) for number, text in enumerate(texts)])
    store.close()
    return directory / FILE_NAME


def damage(file: Path, offset: int) -> None:
    """Invert 64 bytes."""
    content = bytearray(file.read_bytes())
    content[offset : offset + 64] = bytes(byte ^ 0xFF for byte in content[offset : offset + 64])
    file.write_bytes(content)


@pytest.mark.parametrize("offset", [4096, 8192, 12_288])
@pytest.mark.parametrize("has_log", [False, True])
def test_damaged_file_is_not_reported_as_locked(full_file: Path, offset: int, *, has_log: bool) -> None:
    damage(full_file, offset)
    log = full_file.with_name(f"{FILE_NAME}.wal")
    if has_log:
        log.touch()

    with pytest.raises(StoreError) as error:
        DuckDBStore(full_file.parent)

    message = str(error.value)
    assert "is damaged" in message
    assert "locked" not in message
    assert (f"move {full_file} and {log} together away" in message) == has_log


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_query_of_a_damaged_block_is_a_store_error(full_file: Path, share: float) -> None:
    damage(full_file, int(share * full_file.stat().st_size))
    store = DuckDBStore(full_file.parent)

    with pytest.raises(QueryFailedError, match=r"damaged.*DuckDB: .*checksum"):
        store.stored_items(-1, ALL_TIME, ALL_ITEMS)
    assert store.stats().items == 9_000
    store.close()


def test_truncated_file_is_a_store_error(full_file: Path) -> None:
    os.truncate(full_file, full_file.stat().st_size // 2)
    store = DuckDBStore(full_file.parent)

    with pytest.raises(StoreError):
        store.stored_items(-1, ALL_TIME, ALL_ITEMS)
    store.close()


def test_statement_that_cannot_be_executed_is_a_store_error(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    for statement in ("SELECT 1 FROM missing", "SELECT CAST('x' AS BIGINT)", "SELECT 9223372036854775807 * 2", "SELEC"):
        with pytest.raises(QueryFailedError, match="DuckDB: "):
            store.execute(statement, {})
    store.close()


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
