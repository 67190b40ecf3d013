"""Files that are removed or replaced while the store is open: nothing is acknowledged that a restart would not find."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import anyio
import duckdb
import pytest

from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.insert import Inserter
from local_insights.store.duckdb.store import DuckDBStore
from support.items import ALL_ITEMS, request

ITEM = request("frontend", "a1")
Change = Callable[[Path], object]


def move_and_create(directory: Path) -> None:
    directory.rename(directory.with_name("moved"))
    DuckDBStore(directory).close()


def remove_files(directory: Path) -> None:
    for path in directory.iterdir():
        path.unlink()


def replace_file(directory: Path) -> None:
    other = directory / "other"
    other.write_bytes((directory / FILE_NAME).read_bytes())
    other.replace(directory / FILE_NAME)


CHANGES: dict[str, Change] = {
    "file removed": lambda directory: (directory / FILE_NAME).unlink(),
    "all files removed": remove_files,
    "directory removed": shutil.rmtree,
    "directory moved": lambda directory: directory.rename(directory.with_name("moved")),
    "directory replaced": move_and_create,
    "file replaced": replace_file,
    "file truncated": lambda directory: os.truncate(directory / FILE_NAME, 100),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_removed_or_replaced_file_ends_acknowledgement(
    tmp_path: Path, change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    store = DuckDBStore(tmp_path / "data")
    anyio.run(store.append, [ITEM])
    change(tmp_path / "data")

    for check in (store.require_ready, store.stats, lambda: anyio.run(store.append, [ITEM])):
        with pytest.raises(StoreUnavailableError, match="was removed or replaced while the server runs"):
            check()
    assert [item for _, item in store.stored_items(-1, ALL_TIME, ALL_ITEMS)] == [ITEM]

    with caplog.at_level(logging.ERROR):
        store.close()
    assert "was removed or replaced while the server ran" in caplog.text


def test_file_that_is_removed_during_a_commit_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DuckDBStore(tmp_path)

    def remove(*_: object) -> None:
        (tmp_path / FILE_NAME).unlink()

    monkeypatch.setattr(Inserter, "insert", remove)
    with pytest.raises(StoreUnavailableError, match="removed"):
        anyio.run(store.append, [ITEM])
    store.close()


def test_no_new_file_is_created_after_a_failed_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DuckDBStore(tmp_path)

    def remove_and_fail(*_: object) -> None:
        (tmp_path / FILE_NAME).unlink()
        message = "the database was invalidated"
        raise duckdb.FatalException(message)

    monkeypatch.setattr(Inserter, "insert", remove_and_fail)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match="removed"):
            anyio.run(store.append, [ITEM])
    assert not (tmp_path / FILE_NAME).exists()
    store.close()


def replace_log(log: Path) -> None:
    Path(shutil.copy(log, log.with_name("other"))).replace(log)


LOG_CHANGES: dict[str, Change] = {"removed": Path.unlink, "replaced": replace_log}


@pytest.mark.parametrize("change", LOG_CHANGES.values(), ids=LOG_CHANGES)
def test_commit_after_the_log_was_removed_or_replaced_is_durable(tmp_path: Path, change: Change) -> None:
    store = DuckDBStore(tmp_path / "data")
    anyio.run(store.append, [ITEM])
    change(tmp_path / "data" / f"{FILE_NAME}.wal")
    for number in range(2, 4):
        anyio.run(store.append, [ITEM._replace(id=f"a{number}")])

    shutil.copytree(tmp_path / "data", tmp_path / "copy")  # as after a kill
    copy = DuckDBStore(tmp_path / "copy")
    assert copy.stats().items == 3
    copy.close()
    store.close()


def test_server_whose_directory_was_replaced_does_not_change_the_new_files(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    old = DuckDBStore(directory)
    anyio.run(old.append, [ITEM])
    shutil.rmtree(directory)
    new = DuckDBStore(directory)
    anyio.run(new.append, [ITEM])
    before = {path.name: path.stat() for path in directory.iterdir()}

    with pytest.raises(StoreUnavailableError):
        old.delete_before(ALL_TIME.end_us)
    old.close()

    assert {path.name: path.stat() for path in directory.iterdir()} == before
    new.close()
