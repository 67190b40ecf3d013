"""One DuckDB file: opened, checked, its cursors lent, opened again when a write broke it."""

import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import duckdb

from local_insights.store.contract import StoreError, StoreUnavailableError
from local_insights.store.sql.statements import read_sql

SCHEMA_VERSION = 1
FILE_NAME = "insights.duckdb"
SPARE_BYTES = 128 * 1024 * 1024
"""Space that a checkpoint may need beside what the file has: twice the log that sets one off."""
INTERRUPTED_WITHIN_S = 5.0
"""A question that is interrupted ends well within this: a runaway join took 1.1 s."""


class Database:
    """The only owner of the file and its connection.

    Args:
        directory: where the file lives; made when it is missing.
        memory_limit_mb: what DuckDB may hold in memory.

    Raises:
        StoreError: the directory cannot be written, another process holds the file, or the file has another schema.
    """

    def __init__(self, directory: Path, memory_limit_mb: int) -> None:
        self._path = directory / FILE_NAME
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_limit_mb}MB",
            # A checkpoint stops the writer: at 64 MB of log it takes 0.1 s to 0.2 s, and memory stays small.
            "checkpoint_threshold": "64MB",
            # Rows are found by time, never by their place in the file.
            "preserve_insertion_order": False,
        }
        self._changed = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._idle: defaultdict[str, list[duckdb.DuckDBPyConnection]] = defaultdict(list)
        self._lent: list[duckdb.DuckDBPyConnection] = []
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"the data directory {directory} cannot be written ({error.strerror}): choose another with --data"
            raise StoreError(message) from error
        self._connection = self._open()
        self._check_schema(self._connection)

    @property
    def is_open(self) -> bool:
        """False after `close`, and after a `reopen` that failed."""
        return self._connection is not None

    def require_space(self) -> None:
        """Return if the disk has room for more.

        Raises:
            StoreUnavailableError: it is full, or nearly so.
        """
        free = shutil.disk_usage(self._path.parent).free
        if free < SPARE_BYTES:
            message = (
                f"{free >> 20} MiB are free in {self._path.parent}: make room for {SPARE_BYTES >> 20} MiB at least"
            )
            raise StoreUnavailableError(message)

    @contextmanager
    def cursor(self, use: str = "question") -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that nobody else has; it is taken back at the end.

        Args:
            use: what for. A cursor serves one use only, so that what was prepared with it is there the next time.

        Raises:
            StoreUnavailableError: the database is closed.
        """
        with self._changed:
            connection = self._connection
            if connection is None:
                message = "the store is closed"
                raise StoreUnavailableError(message)
            cursor = self._idle[use].pop() if self._idle[use] else connection.cursor()
            self._lent.append(cursor)
        try:
            yield cursor
        finally:
            with self._changed:
                self._lent.remove(cursor)
                if self._connection is connection:
                    self._idle[use].append(cursor)
                else:
                    cursor.close()
                self._changed.notify_all()

    def reopen(self) -> None:
        """Open the file anew, as DuckDB asks for after a write that broke off; its log brings back what was committed.

        Raises:
            StoreUnavailableError: the file cannot be opened now.
        """
        with self._changed:
            self.close()
            try:
                self._connection = self._open()
            except StoreError as error:
                raise StoreUnavailableError(str(error)) from error

    def close(self) -> None:
        """Checkpoint and let go of the file; nothing happens the second time.

        The file stays held as long as any cursor is open, so queries that run are interrupted.
        """
        with self._changed:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            for cursor in self._lent:
                cursor.interrupt()
            self._changed.wait_for(lambda: not self._lent, INTERRUPTED_WITHIN_S)
            for cursor in chain.from_iterable(self._idle.values()):
                cursor.close()
            self._idle.clear()
            connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(self._path), config=self._config)
        except duckdb.Error as error:
            raise StoreError(_why_not_opened(self._path, error)) from error

    def _check_schema(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the tables of an empty file; refuse a file of another version."""
        tables = {name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        if not tables:
            connection.begin()
            connection.execute(read_sql("schema"))
            connection.execute("INSERT INTO schema_version VALUES (?)", [SCHEMA_VERSION])
            connection.commit()
            return
        found = (
            connection.execute("SELECT MAX(version) FROM schema_version").fetchone()
            if "schema_version" in tables
            else None
        )
        if found != (SCHEMA_VERSION,):
            self.close()
            version = found[0] if found else "none"
            message = (
                f"{self._path} has schema version {version}; this program reads version {SCHEMA_VERSION}. "
                "Move the file away, or choose another directory with --data"
            )
            raise StoreError(message)


def _why_not_opened(path: Path, error: duckdb.Error) -> str:
    """What stands in the way of opening the file, and what to do about it."""
    text = str(error)
    if "lock" in text.lower():
        return (
            f"{path} is held by another process: stop it, or choose another directory with --data. "
            f"DuckDB says: {text.splitlines()[0]}"
        )
    if isinstance(error, duckdb.IOException):
        return f"{path} cannot be opened: check that its directory is writable, or choose another with --data. {text}"
    return f"{path} is no store of this program: move the file away, or choose another directory with --data. {text}"
