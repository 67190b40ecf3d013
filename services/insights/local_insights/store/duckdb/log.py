"""The log of the file: DuckDB appends every commit to it, and a checkpoint moves its content into the file.

A log consists of a version entry and entries with size and checksum; a flush entry ends each commit. DuckDB ignores an
incomplete entry at the end, which an interrupted write leaves. It also ignores the rest of a log in which the size
of an entry is damaged: all later commits are then dropped without an error. `scan` finds them.

Reference:
    src/storage/write_ahead_log.cpp and src/storage/wal_replay.cpp of DuckDB.
"""

import mmap
import struct
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

LOG_SUFFIX = ".wal"
LOG_SUFFIXES = (LOG_SUFFIX, ".wal.checkpoint", ".wal.recovery")
"""The log; the log of the commits during a checkpoint; both together, after a checkpoint that was interrupted."""
_ENTRY_HEAD = struct.Struct("<QQ")
_FLUSH = _ENTRY_HEAD.pack(5, 0x5E3DED2F727DFEE7) + b"\x64\x00\x64\xff\xff"
_VERSION_ENTRY = b"\x64\x00\x62\x65\x00"
"""The beginning of the version entry. The next byte is the version."""
_VERSION = b"\x02"
"""The only version that is parsed: the current one, without encryption."""
_END_OF_OBJECT = b"\xff\xff"
_MAX_VERSION_ENTRY = 128


@dataclass(frozen=True, slots=True)
class LogScan:
    """The structure of a log. Checksums are not verified."""

    commit_ends: tuple[int, ...]
    """The position after each commit, up to the first entry that is incomplete or has a damaged size."""
    later_commits: int
    """Commits after that entry, which DuckDB drops. 0: the log is complete, or ends with an interrupted write."""


def log_files(path: Path) -> list[Path]:
    """Return the logs of a file that are not empty."""
    logs = [path.with_name(path.name + suffix) for suffix in LOG_SUFFIXES]
    return [log for log in logs if log.is_file() and log.stat().st_size]


def scan(log: Path) -> LogScan:
    """Find the commits of a log. Of a log in another version, none are found."""
    if not log.stat().st_size:
        return LogScan((), 0)
    with log.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[: len(_VERSION_ENTRY)] == _VERSION_ENTRY:
            version = content[len(_VERSION_ENTRY) : len(_VERSION_ENTRY) + 1]
            if version not in (b"", _VERSION):
                return LogScan((), 0)
        chains = [_chain(content, start) for start in _starts(content)]
        end, commit_ends = max(chains, key=itemgetter(0), default=(0, ()))
        return LogScan(commit_ends, _count(content, end))


def _starts(content: mmap.mmap) -> list[int]:
    """Return the possible positions of the second entry. The bytes of an end may also be a part of a number."""
    if content[: len(_VERSION_ENTRY)] != _VERSION_ENTRY:
        return []
    starts = []
    position = content.find(_END_OF_OBJECT, 0, _MAX_VERSION_ENTRY)
    while position >= 0:
        starts.append(position + len(_END_OF_OBJECT))
        position = content.find(_END_OF_OBJECT, position + 1, _MAX_VERSION_ENTRY)
    return starts


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
