"""A damaged log after a crash: what precedes the damage is used, file and log are preserved."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import StoreError
from local_insights.store.duckdb import recovery
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.log import LogScan, scan
from local_insights.store.duckdb.offline import open_offline
from local_insights.store.duckdb.store import DuckDBStore

LOG_NAME = f"{FILE_NAME}.wal"
IN_FILE, IN_LOG = 30, 10
"""Items in the file, and in the log: there, one item per commit."""
KILLED = """
import anyio, os, sys
from pathlib import Path
from local_insights.store.duckdb.store import DuckDBStore
from local_insights.model.time_range import ALL_TIME
from support.items import request

async def append(store, first, commits, items):
    for commit in range(commits):
        await store.append([request("r", f"{first}{commit}-{item}", data="x" * 300) for item in range(items)])

directory = Path(sys.argv[1])
store = DuckDBStore(directory)
anyio.run(append, store, "file", 1, int(sys.argv[2]))
store.close()
store = DuckDBStore(directory)
anyio.run(append, store, "log", int(sys.argv[3]), 1)
os._exit(0)
"""

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a killed process."""
    directory = tmp_path_factory.mktemp("killed") / "data"
    tests = str(Path(__file__).parents[3])
    subprocess.run(
        [sys.executable, "-c", KILLED, directory, str(IN_FILE), str(IN_LOG)],
        check=True,
        env={**os.environ, "PYTHONPATH": tests},
    )
    assert sorted(path.name for path in directory.iterdir()) == [FILE_NAME, LOG_NAME]
    return directory


@pytest.fixture
def data(killed: Path, tmp_path: Path) -> Path:
    """A copy. Its path contains the words that DuckDB uses in errors about the log."""
    return Path(shutil.copytree(killed, tmp_path / "WAL file"))


def overwrite(position: int, content: bytes) -> Damage:
    def change(log: Path) -> None:
        with log.open("r+b") as file:
            file.seek(position if position >= 0 else log.stat().st_size + position)
            file.write(content)

    return change


def overwrite_commit(number: int, offset: int, content: bytes) -> Damage:
    """Damage a commit of the log, at an offset from its first entry."""
    return lambda log: overwrite(([0, *scan(log).commit_ends])[number] + offset, content)(log)


def damage_two_commits(log: Path) -> None:
    overwrite_commit(7, 100, b"#" * 32)(log)
    overwrite_commit(3, 100, b"#" * 32)(log)


def cut(size: int) -> Damage:
    return lambda log: os.truncate(log, size if size >= 0 else log.stat().st_size + size)


def append_zeros(log: Path) -> None:
    with log.open("ab") as file:
        file.write(bytes(4096))


def replace_by_log_of_earlier_state(log: Path) -> None:
    content = log.read_bytes()
    with duckdb.connect(str(log.with_suffix(""))) as connection:
        connection.execute("DELETE FROM items WHERE id LIKE 'log%'; CHECKPOINT")
    log.write_bytes(content)


DAMAGED: dict[str, tuple[Damage, int, int]] = {
    "texts of a commit": (overwrite_commit(5, 100, b"#" * 64), 5, 5),
    "checksum": (overwrite_commit(4, 8, b"#" * 8), 4, 6),
    "size, larger than the log": (overwrite_commit(6, 0, b"\xff" * 8), 6, 4),
    "size of zero": (overwrite_commit(6, 0, bytes(8)), 6, 4),
    "zeros at the end": (overwrite(-200, bytes(200)), 9, 0),
    "header": (overwrite(0, b"#" * 32), 0, 10),
    "header of zeros": (overwrite(0, bytes(32)), 0, 10),
    "two commits": (damage_two_commits, 3, 7),
    "log of an earlier state": (replace_by_log_of_earlier_state, 0, 10),
}
"""By damage: the damage, the commits before it, and the complete commits after them."""
COMPLETE: dict[str, tuple[Damage, int]] = {
    "no damage": (lambda _: None, 10),
    "end cut off, by an interrupted write": (cut(-3), 9),
    "cut within the header": (cut(20), 0),
    "empty": (cut(0), 0),
    "appended zeros": (append_zeros, 10),
}
"""Logs that interrupted writes leave: no acknowledged commit is missing."""


def stored_items(directory: Path) -> int:
    store = DuckDBStore(directory)
    try:
        return store.stats().items
    finally:
        store.close()


def exported_items(directory: Path) -> tuple[int, list[str]]:
    with open_offline(directory) as reader:
        return sum(len(items) for items in reader.items(ALL_TIME)), list(reader.problems)


@pytest.mark.parametrize(("damage", "recovered", "lost"), DAMAGED.values(), ids=DAMAGED)
def test_commits_before_the_damage_are_used_and_the_rest_is_preserved(
    data: Path, damage: Damage, recovered: int, lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    damage(data / LOG_NAME)
    before = {path.name: path.read_bytes() for path in data.iterdir()}

    items, problems = exported_items(data)
    assert (items, len(problems)) == (IN_FILE + recovered, 1)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before

    with caplog.at_level(logging.WARNING):
        assert stored_items(data) == IN_FILE + recovered
    (message,) = caplog.messages
    assert f"the log {data / LOG_NAME} is damaged" in message
    assert (f"with {lost} complete commits, were not" in message) == (lost > 0)
    preserved = Path(message.partition("preserved in ")[2].partition(":")[0])
    assert {path.name: path.read_bytes() for path in preserved.iterdir()} == before

    caplog.clear()
    assert stored_items(data) == IN_FILE + recovered
    assert caplog.messages == []


@pytest.mark.parametrize(("change", "recovered"), COMPLETE.values(), ids=COMPLETE)
def test_log_without_damage_is_used_without_a_warning(
    data: Path, change: Damage, recovered: int, caplog: pytest.LogCaptureFixture
) -> None:
    change(data / LOG_NAME)
    assert exported_items(data) == (IN_FILE + recovered, [])
    assert stored_items(data) == IN_FILE + recovered
    assert caplog.messages == []
    assert not list(data.glob("damaged-*"))


def test_log_without_its_file_is_preserved_and_can_be_read_as_the_message_states(
    data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    moved = (data / FILE_NAME).rename(tmp_path / "moved away")
    log = (data / LOG_NAME).read_bytes()

    assert stored_items(data) == 0

    (message,) = caplog.messages
    target = Path(message.partition("copy it to ")[2].partition(";")[0])
    assert (target.parent / LOG_NAME).read_bytes() == log
    shutil.copy(moved, target)
    assert exported_items(target.parent) == (IN_FILE + IN_LOG, [])


def test_damaged_file_with_a_log_is_not_changed_and_the_message_names_both(data: Path) -> None:
    overwrite(4096, b"#" * 64)(data / FILE_NAME)
    overwrite(8192, b"#" * 64)(data / FILE_NAME)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    with pytest.raises(StoreError, match=f"move {data / FILE_NAME} and {data / LOG_NAME} together away"):
        DuckDBStore(data)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_damaged_log_that_cannot_be_preserved_is_not_changed(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite_commit(5, 100, b"#" * 64)(data / LOG_NAME)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(StoreError, match=r"No space left on device.*insights export --data"):
        DuckDBStore(data)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


@pytest.mark.parametrize("iteration", [1, 255, 65_535, 4_294_967_295])
def test_end_of_the_header_is_found_for_any_iteration(tmp_path: Path, iteration: int) -> None:
    varint = bytearray()
    while iteration > 0x7F:
        varint.append(iteration & 0x7F | 0x80)
        iteration >>= 7
    varint.append(iteration)
    flush = bytes.fromhex("0500000000000000e7fe7d722fed3d5e640064ffff")
    log = tmp_path / LOG_NAME
    log.write_bytes(bytes.fromhex("6400626500026700") + bytes(varint) + b"\xff\xff" + flush * 3)
    assert len(scan(log).commit_ends) == 3


@pytest.mark.parametrize("bit", [1 << number for number in range(8)])
def test_scan_reads_a_damaged_header_as_before_or_not_at_all(data: Path, bit: int) -> None:
    log = data / LOG_NAME
    content = log.read_bytes()
    complete = scan(log)
    for position in range(content.index(b"\xff\xff") + 2):
        overwrite(position, bytes([content[position] ^ bit]))(log)
        assert scan(log) in (complete, LogScan((), IN_LOG))
        overwrite(position, content[position : position + 1])(log)


def overwrite_header_end(offset: int, byte: int) -> Damage:
    """Damage a byte at an offset from the end of the header. The identifier of the file determines its length."""
    return lambda log: overwrite(log.read_bytes().index(b"\xff\xff") + 2 + offset, bytes([byte]))(log)


UNREADABLE_HEADERS = {
    "version": overwrite(5, b"\x03"),
    "number of a field": overwrite(6, b"\x00"),
    "length of the identifier": overwrite(8, b"\x0f"),
    "end": overwrite_header_end(-1, 0),
    "size of the first entry": overwrite_header_end(5, 0xFF),
}


@pytest.mark.parametrize("damage", UNREADABLE_HEADERS.values(), ids=UNREADABLE_HEADERS)
def test_log_that_the_engine_drops_for_its_header_is_preserved(
    data: Path, caplog: pytest.LogCaptureFixture, damage: Damage
) -> None:
    damage(data / LOG_NAME)
    assert stored_items(data) == IN_FILE
    (message,) = caplog.messages
    assert f"with {IN_LOG} complete commits, were not" in message


def test_log_that_the_engine_reads_beyond_the_scan_is_not_damaged(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "scan", lambda _: LogScan((), IN_LOG))
    assert stored_items(data) == IN_FILE + IN_LOG
    assert not list(data.glob("damaged-*"))
