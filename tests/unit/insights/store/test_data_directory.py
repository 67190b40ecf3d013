"""The data directory and its files are accessible to their owner only."""

import os
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from local_insights.store.contract import StoreError
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.store import DuckDBStore
from support.items import request


@pytest.fixture(autouse=True)
def _umask_without_effect() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def filled(directory: Path) -> None:
    store = DuckDBStore(directory)
    anyio.run(store.append, [request("frontend", "a1")])
    store.close()


def test_new_directory_is_accessible_to_its_owner_only(tmp_path: Path) -> None:
    filled(tmp_path / "data")
    assert mode(tmp_path / "data") == 0o700


def test_files_and_directory_of_an_earlier_start_are_restricted(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    filled(directory)
    directory.chmod(0o755)
    (directory / FILE_NAME).chmod(0o644)
    (directory / f"{FILE_NAME}.wal").touch(0o666)
    (directory / "tls").mkdir()

    DuckDBStore(directory).close()

    assert mode(directory) == 0o700
    assert mode(directory / FILE_NAME) == 0o600


def test_permissions_of_a_directory_with_files_of_other_programs_are_not_changed(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    filled(directory)
    (directory / "notes.txt").touch(0o644)
    directory.chmod(0o755)
    (directory / FILE_NAME).chmod(0o644)

    DuckDBStore(directory).close()

    assert (mode(directory), mode(directory / FILE_NAME)) == (0o755, 0o600)
    assert mode(directory / "notes.txt") == 0o644


def test_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    target = tmp_path / "other"
    target.touch(0o644)
    (directory / f"{FILE_NAME}.notes").symlink_to(target)
    DuckDBStore(directory).close()
    assert mode(target) == 0o644


def test_sqlite_file_is_rejected_without_loading_an_extension(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"SQLite format 3\0" + bytes(4080))
    with pytest.raises(StoreError, match="is a SQLite file, not a DuckDB file") as error:
        DuckDBStore(tmp_path)
    assert "http" not in str(error.value)
