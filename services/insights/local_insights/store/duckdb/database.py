"""The DuckDB file: opening, schema check, cursors, reopening after a failed write."""

import logging
import os
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import duckdb

from local_insights.store.contract import StoreError, StoreUnavailableError
from local_insights.store.duckdb.config import COMMON, Config
from local_insights.store.duckdb.data_directory import FILE_NAME, DataDirectory
from local_insights.store.duckdb.errors import open_error
from local_insights.store.duckdb.log import LOG_SUFFIX
from local_insights.store.duckdb.migration import migrate, remove_incomplete_copy
from local_insights.store.duckdb.recovery import loses_commits, preserve_log_without_file, remove_scratch, repair_log
from local_insights.store.duckdb.schema import SCHEMA, Schema, create_tables, read_version, require_columns

_log = logging.getLogger(__name__)

QUERY = "query"
"""The purpose of a cursor that reads items."""
MAX_LOG_BYTES = 8 * 1024 * 1024
"""The size of the log at which a checkpoint is written. The writer waits for it, 0.2 s of CPU for the longest texts."""
SPARE_BYTES = 128 * 1024 * 1024
"""Free disk space below which the server is not ready. A checkpoint needs a part of it."""
LOG_IS_EMPTY = "SELECT wal_size = '0 bytes' FROM pragma_database_size()"
HEADERS_BYTES = 3 * 4096
"""The least size of a file."""
INTERRUPTED_WITHIN_S = 5.0
"""Time to wait for interrupted queries. A runaway join took 1.1 s to end."""


_Identity = tuple[int, int]
"""Device and inode of a file."""


class Database:
    """The only owner of the file and its connection.

    Args:
        directory: the directory of the file; created if it is missing.
        memory_limit_mb: the memory limit of DuckDB, in MB.
        schema: the schema of the file. A file of an earlier version is migrated.
        log_bytes: the size of the log at which DuckDB writes a checkpoint.
        temporary_bytes: the maximum size of the temporary files of queries; None: no limit.

    Raises:
        StoreError: the directory is not writable, another process uses it, or the file has another schema.
    """

    def __init__(
        self,
        directory: Path,
        memory_limit_mb: int,
        schema: Schema = SCHEMA,
        *,
        log_bytes: int = MAX_LOG_BYTES,
        temporary_bytes: int | None = None,
    ) -> None:
        self._path = directory / FILE_NAME
        self._config: Config = {
            **COMMON,
            "memory_limit": f"{memory_limit_mb}MB",
            "checkpoint_threshold": f"{log_bytes}B",
            # A checkpoint writes the items of the log as new row groups. It does not merge them with earlier ones,
            # which could rewrite a gigabyte of long texts and would change row numbers.
            "max_vacuum_tasks": 0,
            # Rows are found by time, never by their position in the file.
            "preserve_insertion_order": False,
        }
        if temporary_bytes is not None:
            self._config["max_temp_directory_size"] = f"{temporary_bytes}B"
        self._changed = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._idle: defaultdict[str, list[duckdb.DuckDBPyConnection]] = defaultdict(list)
        self._in_use: list[duckdb.DuckDBPyConnection] = []
        self._queries = 0
        self._queries_wait = False
        self._identity: _Identity | None = None
        self._log_identity: _Identity | None = None
        self._directory = DataDirectory(directory)
        try:
            remove_incomplete_copy(self._path)
            remove_scratch(directory)
            self._connection = self._open_at_start()
            self._prepare(self._connection, schema)
            self._identity = _identity(self._path, HEADERS_BYTES)
        except BaseException as error:
            self.close()
            if isinstance(error, duckdb.Error):
                raise open_error(self._path, error) from error
            raise

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def is_open(self) -> bool:
        """False after `close`, and after a `reopen` that failed."""
        return self._connection is not None

    def require_file(self) -> None:
        """Return if the path is still that of the open file. One `os.stat`, 2 µs.

        Raises:
            StoreUnavailableError: the file was removed or replaced, for example by `git clean`, or truncated.
        """
        if self._identity != _identity(self._path, HEADERS_BYTES):
            message = (
                f"{self._path} was removed or replaced while the server runs: telemetry is rejected. "
                "`insights export` still writes the stored items to a file; then restart the server"
            )
            raise StoreUnavailableError(message)

    def restore_log(self) -> None:
        """If the log was removed or replaced while it was open, move its content into the file.

        Called after a commit. DuckDB itself begins a new log after a checkpoint.
        """
        log = _identity(self._path.with_name(self._path.name + LOG_SUFFIX))
        if log is not None and (log == self._log_identity or _is_open(log)):
            self._log_identity = log
            return
        with suppress(duckdb.TransactionException), self.cursor("checkpoint") as cursor:  # a checkpoint runs already
            (is_empty,) = cursor.execute(LOG_IS_EMPTY).fetchall()[0]
            if not is_empty:  # as it is directly after a checkpoint
                cursor.execute("CHECKPOINT")

    def require_space(self) -> None:
        """Return if the disk has free space.

        Raises:
            StoreUnavailableError: the disk is full or almost full, or the directory is missing.
        """
        try:
            free = shutil.disk_usage(self._path.parent).free
        except OSError as error:
            message = f"the data directory {self._path.parent} cannot be read ({error.strerror})"
            raise StoreUnavailableError(message) from error
        if free < SPARE_BYTES:
            message = f"{free >> 20} MiB are free in {self._path.parent}: at least {SPARE_BYTES >> 20} MiB are needed"
            raise StoreUnavailableError(message)

    @contextmanager
    def cursor(self, use: str = QUERY) -> Iterator[duckdb.DuckDBPyConnection]:
        """Provide a cursor for exclusive use until the end of the block.

        Args:
            use: the purpose. Cursors are reused for the same purpose only, so that prepared statements persist.

        Raises:
            StoreUnavailableError: the database is closed.
        """
        is_query = use == QUERY
        with self._changed:
            if is_query:
                self._changed.wait_for(lambda: not self._queries_wait)
            connection = self._connection
            if connection is None:
                message = "the store is closed"
                raise StoreUnavailableError(message)
            self._queries += is_query
            cursor = self._idle[use].pop() if self._idle[use] else connection.cursor()
            self._in_use.append(cursor)
        try:
            yield cursor
        finally:
            with self._changed:
                self._queries -= is_query
                self._in_use.remove(cursor)
                if self._connection is connection:
                    self._idle[use].append(cursor)
                else:
                    cursor.close()
                self._changed.notify_all()

    def checkpoint(self, wait_s: float) -> bool:
        """Write a checkpoint that frees the space of deleted items. Return False if queries prevent it.

        A query reads the items as they were when it began, so their space is freed only while none runs. New queries
        wait until the running ones have ended, and until the checkpoint is written.

        Args:
            wait_s: the time to wait for the running queries.

        Raises:
            duckdb.Error: the checkpoint failed.
        """
        with self._changed:
            self._queries_wait = True
            is_idle = self._changed.wait_for(lambda: not self._queries, wait_s)
        try:
            if is_idle:
                with self.cursor("checkpoint") as cursor:
                    cursor.execute("FORCE CHECKPOINT")  # after the commit in progress
            return is_idle
        finally:
            with self._changed:
                self._queries_wait = False
                self._changed.notify_all()

    def reopen(self) -> None:
        """Reopen the file, which DuckDB requires after a failed write. Committed items are restored from the log.

        Raises:
            StoreUnavailableError: the file cannot be opened, or was removed or replaced.
        """
        with self._changed:
            self._close_file()
            self.require_file()
            try:
                self._connection = self._open()
            except StoreError as error:
                raise StoreUnavailableError(str(error)) from error

    def close(self) -> None:
        """Write a checkpoint, close the file and unlock the directory. A second call has no effect.

        The file stays open as long as any cursor is open, so running queries are interrupted.
        """
        if self._connection is not None and self._identity not in (None, _identity(self._path, HEADERS_BYTES)):
            # A checkpoint would delete the log of the new file.
            self._connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            _log.error("%s was removed or replaced while the server ran: it does not contain its items", self._path)
        self._close_file()
        self._directory.close()

    def _close_file(self) -> None:
        with self._changed:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            for cursor in self._in_use:
                cursor.interrupt()
            self._changed.wait_for(lambda: not self._in_use, INTERRUPTED_WITHIN_S)
            for cursor in chain.from_iterable(self._idle.values()):
                cursor.close()
            self._idle.clear()
            connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(self._path), config=self._config)
        except duckdb.Error as error:
            raise open_error(self._path, error) from error

    def _open_at_start(self) -> duckdb.DuckDBPyConnection:
        """Open the file, without the damaged part of its log."""
        preserve_log_without_file(self._path)
        if loses_commits(self._path):
            repair_log(self._path, self._config)
        try:
            return self._open()
        except StoreError:
            if not repair_log(self._path, self._config):
                raise
            return self._open()

    def _prepare(self, connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
        """Create the tables in an empty file, migrate a file of an earlier version, and check the columns."""
        version = read_version(connection, self._path, schema)
        if version == 0:
            create_tables(connection, schema)
        elif version < schema.version:
            connection.execute("CHECKPOINT")
            connection.close()
            migrate(self._path, version, schema, self._config)
            self._connection = self._open()
        else:
            require_columns(connection, self._path, schema)


def _identity(path: Path, least_bytes: int = 0) -> _Identity | None:
    """Return device and inode of a file; None if there is no file, or it is shorter."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size >= least_bytes else None


def _is_open(identity: _Identity) -> bool:
    """Return if this process has a file open; True where the system does not list open files."""
    try:
        descriptors = [int(path.name) for path in Path("/dev/fd").iterdir()]
    except OSError:
        return True
    for descriptor in descriptors:
        with suppress(OSError):  # the descriptor of the list itself is closed
            found = os.fstat(descriptor)
            if (found.st_dev, found.st_ino) == identity:
                return True
    return False
