"""Recovery from a damaged log. The file and its log are preserved, and everything before the damage is used.

DuckDB does not open a file whose log has an entry with a wrong checksum, and silently drops the rest of a log whose
entry has a wrong size.
"""

import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from local_insights.store.contract import StoreError
from local_insights.store.duckdb.config import Config
from local_insights.store.duckdb.log import LogScan, log_files, scan

_log = logging.getLogger(__name__)

SCRATCH_PREFIX = ".reading-"
PRESERVED_PREFIX = "damaged-"
NO_TABLE = -1


@dataclass(frozen=True, slots=True)
class LogDamage:
    """A log of which DuckDB can read only a part."""

    log: Path
    usable_bytes: int
    """Length of the part that is used; it ends with a commit."""
    size: int
    lost_commits: int
    """Commits after that part that were found. Those whose end is damaged cannot be counted."""

    def __str__(self) -> str:
        lost = f", with {self.lost_commits:,} complete commits," if self.lost_commits else ""
        return (
            f"the log {self.log} is damaged, or does not belong to its file: {self.usable_bytes:,} bytes were read, "
            f"{self.size - self.usable_bytes:,} bytes{lost} were not"
        )


def find_damage(path: Path, config: Config) -> list[LogDamage]:
    """Return the damaged logs of a file.

    Raises:
        duckdb.Error: the file cannot be opened even without its logs.
    """
    scans = {log: scan(log) for log in log_files(path)}
    cuts: dict[Path, int] = dict.fromkeys(scans, 0)
    with scratch_copy(path, cuts) as copy:
        duckdb.connect(str(copy), read_only=True, config=config).close()
    damages: list[LogDamage] = []
    for log, found in scans.items():
        size = log.stat().st_size
        if not damages and _reads_all(path, log, found, cuts, config):
            cuts[log] = size
            continue
        if not damages:  # DuckDB does not read the logs after a damaged one
            cuts[log] = _usable_bytes(path, log, found, cuts, config)
        lost_commits = sum(end > cuts[log] for end in found.commit_ends) + found.later_commits
        damages.append(LogDamage(log, cuts[log], size, lost_commits))
    return damages


def _reads_all(path: Path, log: Path, found: LogScan, cuts: Mapping[Path, int], config: Config) -> bool:
    """Return True if DuckDB opens the file with a log, and reads more of it than the commits that the scan found."""
    items = count_items(path, {**cuts, log: log.stat().st_size}, config)
    if items is None or not found.later_commits:
        return items is not None
    found_bytes = found.commit_ends[-1] if found.commit_ends else 0
    return items != count_items(path, {**cuts, log: found_bytes}, config)


def _usable_bytes(path: Path, log: Path, found: LogScan, cuts: Mapping[Path, int], config: Config) -> int:
    """Return the length of the longest part of a log, up to the end of a commit, with which DuckDB opens the file."""
    ends = (0, *found.commit_ends)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if count_items(path, {**cuts, log: ends[middle]}, config) is None:
            high = middle - 1
        else:
            low = middle
    return ends[low]


def count_items(path: Path, cuts: Mapping[Path, int], config: Config) -> int | None:
    """Return the number of items, `NO_TABLE` without their table; None if DuckDB does not open the file."""
    with scratch_copy(path, cuts) as copy:
        try:
            connection = duckdb.connect(str(copy), read_only=True, config=config)
        except duckdb.Error:
            return None
        with connection:
            try:
                return int(connection.execute("SELECT COUNT(*) FROM items").fetchall()[0][0])
            except duckdb.Error:
                return NO_TABLE


@contextmanager
def scratch_copy(path: Path, cuts: Mapping[Path, int], *, writable: bool = False) -> Iterator[Path]:
    """Provide a path with the content of a file and of its logs. The originals are not changed.

    Args:
        path: the file.
        cuts: the length to which a log is cut, by log. Others are complete.
        writable: copy the file. Without it, the file may only be read.
    """
    with _scratch_directory(path.parent) as directory:
        copy = directory / path.name
        if writable or not _is_linked(path, copy):
            shutil.copyfile(path, copy)
        for log in log_files(path):
            if cuts.get(log, 1):
                log_copy = directory / log.name
                shutil.copyfile(log, log_copy)
                os.truncate(log_copy, cuts.get(log, log.stat().st_size))
        yield copy


def _is_linked(path: Path, copy: Path) -> bool:
    try:
        os.link(path, copy)
    except OSError:
        return False  # another file system, or one without hard links
    return True


@contextmanager
def _scratch_directory(directory: Path) -> Iterator[Path]:
    """Provide an empty directory, on the same file system if that is writable."""
    try:
        scratch = tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=directory)
    except OSError:
        scratch = tempfile.mkdtemp(prefix=SCRATCH_PREFIX)
    try:
        yield Path(scratch)
    finally:
        shutil.rmtree(scratch)


def remove_scratch(directory: Path) -> None:
    """Delete what a killed process left. The caller has the lock of the directory."""
    for scratch in directory.glob(f"{SCRATCH_PREFIX}*"):
        shutil.rmtree(scratch, ignore_errors=True)


def preserve_log_without_file(path: Path) -> None:
    """Move a log without its file to a directory of its own, because DuckDB deletes it when it creates the file."""
    logs = log_files(path)
    if path.exists() or not logs:
        return
    preserved = _preserved_directory(path.parent)
    preserved.mkdir(mode=0o700)
    for log in logs:
        log.rename(preserved / log.name)
    _log.warning(
        "%s has no database file, and was moved to %s. If you moved the file, copy it to %s; then "
        "`insights export --data %s FILE` reads both",
        logs[0], preserved, preserved / path.name, preserved,
    )  # fmt: skip


def loses_commits(path: Path) -> bool:
    """Return True if DuckDB would open the file and drop commits of its log without an error."""
    return any(scan(log).later_commits for log in log_files(path))


def repair_log(path: Path, config: Config) -> bool:
    """Cut a damaged log before its damage, and report what was not recovered. Return False if no log is damaged.

    Before that, file and log are copied to a directory next to them.

    Raises:
        StoreError: there is no space for the copies. Nothing was changed.
    """
    try:
        damages = find_damage(path, config)
    except (duckdb.Error, OSError):
        return False  # the file itself cannot be opened
    if not damages:
        return False
    preserved = _preserve(path, log_files(path))
    for damage in damages:
        if damage.usable_bytes:
            os.truncate(damage.log, damage.usable_bytes)
        else:
            damage.log.unlink()
        _log.warning("%s. File and log were preserved in %s: delete it when you no longer need it", damage, preserved)
    return True


def _preserved_directory(directory: Path) -> Path:
    return directory / f"{PRESERVED_PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"


def _preserve(path: Path, logs: list[Path]) -> Path:
    """Copy a file and its logs to a new directory. Return the directory."""
    files = [path, *logs]
    preserved = _preserved_directory(path.parent)
    needed = sum(file.stat().st_size for file in files)
    try:
        _require_space(path.parent, needed)
        with _scratch_directory(path.parent) as scratch:
            copies = scratch / preserved.name
            copies.mkdir(mode=0o700)
            for file in files:
                shutil.copyfile(file, copies / file.name)
            copies.rename(preserved)
    except OSError as error:
        message = (
            f"{logs[0]} is damaged, and could not be preserved together with {path} ({error.strerror}): free "
            f"{needed >> 20} MiB of disk space, or move {' and '.join(map(str, files))} together to another directory; "
            "`insights export --data` then reads what is readable"
        )
        raise StoreError(message) from error
    return preserved


def _require_space(directory: Path, size: int) -> None:
    if shutil.disk_usage(directory).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
