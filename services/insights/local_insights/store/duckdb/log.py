"""The log of the file: DuckDB appends every commit to it, and a checkpoint moves its content into the file.

A log consists of a version entry and entries with size and checksum; a flush entry ends each commit. DuckDB ignores an
incomplete entry at the end, which an interrupted write leaves. It also ignores the rest of a log in which the size
of an entry is damaged, and a log whose version entry, which has no checksum, cannot be read: all later commits are then
dropped without an error. `scan` finds them.

Reference:
    src/storage/write_ahead_log.cpp and src/storage/wal_replay.cpp of DuckDB.
"""

import mmap
import re
import struct
from dataclasses import dataclass
from pathlib import Path

LOG_SUFFIX = ".wal"
LOG_SUFFIXES = (LOG_SUFFIX, ".wal.checkpoint", ".wal.recovery")
"""The log; the log of the commits during a checkpoint; both together, after a checkpoint that was interrupted."""
_ENTRY_HEAD = struct.Struct("<QQ")
_FLUSH = _ENTRY_HEAD.pack(5, 0x5E3DED2F727DFEE7) + b"\x64\x00\x64\xff\xff"
_VERSION_ENTRY = re.compile(
    rb"d\x00b"
    rb"e\x00\x02"
    rb"(?:f\x00\x10(?:[\x00-\x7f]|[\x80-\xff]\x01){16})?"
    rb"(?:g\x00[\x80-\xff]{0,9}[\x00-\x7f])?"
    rb"\xff\xff",
    re.DOTALL,
)
"""The only version entry that is parsed: version 2, without encryption; the 16 bytes that identify the file, and the
number of its last checkpoint. Numbers have 7 bits per byte; all bytes but the last one have the highest bit."""


@dataclass(frozen=True, slots=True)
class LogScan:
    """The structure of a log. Checksums are not verified."""

    commit_ends: tuple[int, ...]
    """The position after each commit, up to the first entry that is incomplete or has a damaged size; none if the
    version entry is damaged or of another version."""
    later_commits: int
    """Commits after that entry, which DuckDB drops if it reads the log as `scan` does. 0: the log is complete, or ends
    with an interrupted write."""


def log_files(path: Path) -> list[Path]:
    """Return the logs of a file that are not empty."""
    logs = [path.with_name(path.name + suffix) for suffix in LOG_SUFFIXES]
    return [log for log in logs if log.is_file() and log.stat().st_size]


def scan(log: Path) -> LogScan:
    """Find the commits of a log."""
    if not log.stat().st_size:
        return LogScan((), 0)
    with log.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        version = _VERSION_ENTRY.match(content)
        end, commit_ends = _chain(content, version.end()) if version else (0, ())
        return LogScan(commit_ends, _count(content, end))


def _chain(content: mmap.mmap, start: int) -> tuple[int, tuple[int, ...]]:
    """Return the end of the last complete entry of the chain that begins at a position, and the ends of its commits."""
    commit_ends = []
    position = start
    while position + _ENTRY_HEAD.size <= len(content):
        (size, _) = _ENTRY_HEAD.unpack_from(content, position)
        end = position + _ENTRY_HEAD.size + size
        if not size or end > len(content):
            break
        if end - position == len(_FLUSH) and content[position:end] == _FLUSH:
            commit_ends.append(end)
        position = end
    return position, tuple(commit_ends)


def _count(content: mmap.mmap, start: int) -> int:
    """Count the flush entries after a position."""
    count = 0
    position = content.find(_FLUSH, start)
    while position >= 0:
        count += 1
        position = content.find(_FLUSH, position + 1)
    return count
