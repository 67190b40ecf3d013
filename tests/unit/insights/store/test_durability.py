"""What the contract promises about keeping items."""

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

from local_insights.model.item import Item, ItemType
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import StoreError, StoreUnavailableError
from local_insights.store.duckdb.database import FILE_NAME
from local_insights.store.duckdb.store import DuckDBStore
from local_insights.store.duckdb.writer import MAX_QUEUED_ITEMS, GroupWriter
from support.stored_items import NOON_US, NOTHING, call, request

FULL_ITEM = Item(
    time_us=NOON_US + 1,
    item_type=ItemType.EXCEPTION,
    item_count=3,
    role="frontend",
    role_instance="vm",
    operation_id="4bf92f3577b34da6a3ce929d0e0e4736",
    operation_name="POST /values",
    id="b7ad6b7169203331",
    parent_id="00f067aa0ba902b7",
    name="ValueError",
    duration_us=2**62,
    success=False,
    result_code="500",
    dependency_type="MySQL",
    target="db:3306 | mesh",
    data="INSERT INTO t VALUES ('é', '漢', '\N{PILE OF POO}')",
    source="cid-v1:x",
    severity=4,
    message="first line\nsecond line\t\x00 after a NUL \x1b[31m",
    problem_id="ValueError at insert",
    exceptions_json="[]",
    value=1e300,
    value_count=2**63 - 1,
    value_min=-0.5,
    value_max=0.0,
    value_std_dev=1.5,
    properties_json='{"a":"b"}',
    measurements_json='{"m":1.0}',
    details_json='{"d":1}',
    tags_json='{"ai.user.id":"u"}',
    sent_json='{"id":"B7"}',
    instrumentation_key="00000000-0000-0000-0000-000000000000",
    sdk_version="py3.11",
)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What a full disk looks like to a process: writes beyond a point fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_every_field_comes_back_as_it_went_in(store: DuckDBStore) -> None:
    bare = NOTHING._replace(time_us=NOON_US)
    anyio.run(store.append, [FULL_ITEM, bare])
    assert store.transaction(FULL_ITEM.operation_id) == [bare, FULL_ITEM]


def test_items_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = DuckDBStore(tmp_path)
    anyio.run(first.append, [FULL_ITEM])
    first.close()
    second = DuckDBStore(tmp_path)
    assert second.transaction(FULL_ITEM.operation_id) == [FULL_ITEM]
    second.close()


def test_nothing_to_append_is_nothing_to_wait_for(store: DuckDBStore) -> None:
    anyio.run(store.append, [])
    assert store.stats() == StoreStats(0, None, None)


def test_closing_commits_what_waits_and_can_be_repeated(tmp_path: Path) -> None:
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


def test_closed_store_takes_nothing_and_answers_nothing(store: DuckDBStore) -> None:
    store.close()
    with pytest.raises(StoreUnavailableError):
        anyio.run(store.append, [FULL_ITEM])
    with pytest.raises(StoreUnavailableError):
        store.stats()


def test_full_disk_refuses_whole_batches_and_recovers_by_itself(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, [FULL_ITEM])
    batch = [call("frontend", f"b{number}", message=f"{number:0100000}") for number in range(20)]
    with no_file_larger_than(1_000_000):
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                anyio.run(store.append, batch)
            assert store.stats().items == 1
    anyio.run(store.append, batch)
    assert store.stats().items == 21
    store.close()


def test_store_that_could_not_be_opened_again_is_opened_for_the_next_batch(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        message = "the database was invalidated"
        raise duckdb.FatalException(message)

    with monkeypatch.context() as patch:
        patch.setattr(store._inserter, "insert", broken)
        patch.setattr(duckdb, "connect", broken)
        with pytest.raises(StoreUnavailableError):
            anyio.run(store.append, [FULL_ITEM])
        with pytest.raises(StoreUnavailableError):
            store.stats()
    anyio.run(store.append, [FULL_ITEM])
    assert store.stats().items == 1


def test_overload_is_refused_instead_of_piling_up() -> None:
    committing, go_on = threading.Event(), threading.Event()

    def slow_commit(_: list[Item]) -> None:
        committing.set()
        go_on.wait(10)

    writer = GroupWriter(slow_commit)

    async def overload() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.write, [NOTHING])
            await anyio.to_thread.run_sync(committing.wait)
            tasks.start_soon(writer.write, [NOTHING] * MAX_QUEUED_ITEMS)
            await anyio.lowlevel.checkpoint()
            with pytest.raises(StoreUnavailableError, match="write queue is full"):
                await writer.write([NOTHING])
            go_on.set()

    anyio.run(overload)
    writer.close()


def test_batch_larger_than_the_queue_is_taken_when_nothing_waits() -> None:
    committed: list[int] = []
    writer = GroupWriter(lambda items: committed.append(len(items)))
    anyio.run(writer.write, [NOTHING] * (MAX_QUEUED_ITEMS + 1))
    writer.close()
    assert committed == [MAX_QUEUED_ITEMS + 1]


def test_unknown_failure_of_a_commit_neither_ends_the_writer_nor_leaves_senders_waiting() -> None:
    def broken(_: list[Item]) -> None:
        message = "no such failure is known"
        raise TypeError(message)

    writer = GroupWriter(broken)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            anyio.run(writer.write, [NOTHING])
    writer.close()


def test_file_held_by_another_process_is_refused_with_the_remedy(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(tmp_path / FILE_NAME)!r}); print(1); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(StoreError, match=r"locked by another process.*--data"):
        DuckDBStore(tmp_path)
    holder.communicate("\n", timeout=10)


def test_file_of_another_schema_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER)")
        connection.execute("INSERT INTO schema_version VALUES (99)")
    with pytest.raises(StoreError, match=r"schema version 99.*Move the file away"):
        DuckDBStore(tmp_path)


def test_file_that_is_no_database_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("telemetry" * 1000)
    with pytest.raises(StoreError, match=r"move it away|choose another"):
        DuckDBStore(tmp_path)


def test_directory_that_cannot_be_made_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="--data"):
        DuckDBStore(tmp_path / "file" / "data")
