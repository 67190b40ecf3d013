"""Execution of queries with a time limit."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from local_insights.store.contract import QueryFailedError
from local_insights.store.duckdb.database import Database
from local_insights.store.duckdb.errors import query_error
from local_insights.store.sql.queries import Row

_log = logging.getLogger(__name__)


class QueryExecutor:
    """Runs statements that read, each on its own cursor.

    Args:
        database: provides the cursors.
        time_limit_s: statements that run longer are interrupted.
    """

    def __init__(self, database: Database, time_limit_s: float) -> None:
        self._database = database
        self._time_limit_s = time_limit_s

    def execute(self, statement: str, parameters: Mapping[str, object]) -> list[Row]:
        """Run a statement. See `SqlQueries.execute`."""
        try:
            with self._database.cursor() as cursor, _interrupt_after(self._time_limit_s, cursor):
                return cursor.execute(statement, parameters).fetchall()
        except duckdb.Error as error:
            failure = query_error(error, limit_s=self._time_limit_s, is_open=self._database.is_open)
            if isinstance(failure, QueryFailedError):
                _log.error("query failed: %s", error)
            raise failure from error


@contextmanager
def _interrupt_after(limit_s: float, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt the statement of the cursor at the query timeout, but never a later statement of the same cursor."""
    interruption = _Interruption(cursor)
    timer = threading.Timer(limit_s, interruption.fire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        interruption.disarm()


class _Interruption:
    """An interruption that has no effect after `disarm`. A late one would hit the next statement of the cursor."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._armed = True
        self._lock = threading.Lock()

    def fire(self) -> None:
        with self._lock:
            if self._armed:
                self._cursor.interrupt()

    def disarm(self) -> None:
        with self._lock:
            self._armed = False
