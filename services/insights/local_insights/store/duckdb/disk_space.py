"""The disk space of the data file and its log, and the size limit."""

from contextlib import suppress
from pathlib import Path

from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.database import MAX_LOG_BYTES, Database
from local_insights.store.duckdb.log import LOG_SUFFIXES

USED_BYTES = "SELECT used_blocks * block_size FROM pragma_database_size()"
_MIB = 1024 * 1024
_MIN_LOG_BYTES = 4 * _MIB
_LOG_SHARE = 16
"""A log has at most this part of the size limit, because a checkpoint needs space for the items of the log again."""
_GROWTH_BYTES = 4 * _MIB
"""Space for the items that are committed until old ones are deleted: the largest commit."""
_TEMPORARY_SHARE = 4


def temporary_bytes(max_bytes: int | None) -> int | None:
    """Return the space for temporary files of queries, in addition to a size limit of the store; None: no limit."""
    return None if max_bytes is None else max_bytes // _TEMPORARY_SHARE


def log_bytes(max_bytes: int | None) -> int:
    """Return the size of the log at which a checkpoint is written, for a size limit of the store."""
    if max_bytes is None:
        return MAX_LOG_BYTES
    return min(max(max_bytes // _LOG_SHARE, _MIN_LOG_BYTES), MAX_LOG_BYTES)


def capacity(max_bytes: int) -> int:
    """Return the bytes that file and log may use, so that a checkpoint stays within the size limit.

    During a checkpoint, the items of the log are in the file, too, and their log and that of new commits still exist.
    """
    return max_bytes - 2 * log_bytes(max_bytes) - _GROWTH_BYTES


class DiskSpace:
    """Measures the space that a database uses.

    Args:
        database: the database.
        max_bytes: the size limit; None: no limit.
    """

    def __init__(self, database: Database, max_bytes: int | None) -> None:
        self._database = database
        self._max_bytes = max_bytes
        self._measured: tuple[tuple[int, int], int] = ((0, 0), 0)

    def used_bytes(self) -> int:
        """Return the bytes that the file uses, without its free blocks, and the bytes of the log.

        DuckDB writes new items into free blocks, and truncates free blocks at the end of the file.

        Raises:
            StoreUnavailableError: the database is closed.
        """
        return self._used_file_bytes() + sum(_size(self._database.path, suffix) for suffix in LOG_SUFFIXES)

    def require_space(self) -> None:
        """Return if the store may grow.

        Raises:
            StoreUnavailableError: the store has its maximum size, because old items are not deleted yet, or running
                queries still read them.
        """
        if self._max_bytes is not None and self.used_bytes() > self._max_bytes:
            message = f"the store takes {self._max_bytes // _MIB} MiB (INSIGHTS_MAX_STORE_MB): retry later"
            raise StoreUnavailableError(message)

    def _used_file_bytes(self) -> int:
        """Query the used blocks if the file was written since the last query."""
        try:
            status = self._database.path.stat()
        except FileNotFoundError:
            return 0
        version = (status.st_mtime_ns, status.st_size)
        if version != self._measured[0]:
            with self._database.cursor("size") as cursor:
                (used_bytes,) = cursor.execute(USED_BYTES).fetchall()[0]
            self._measured = (version, used_bytes)
        return self._measured[1]


def _size(path: Path, suffix: str) -> int:
    with suppress(FileNotFoundError):
        return path.with_name(path.name + suffix).stat().st_size
    return 0
