"""Statements that read, each with a limit on its time."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from local_insights.model.time_range import TimeRange
from local_insights.store.contract import QueryTimeoutError, StoreUnavailableError
from local_insights.store.duckdb.database import Database

Row = tuple[Any, ...]


class Queries:
    """Runs reading statements, each on a cursor of its own.

    Args:
        database: who hands out cursors.
        time_limit_s: after this a statement is interrupted.
    """

    def __init__(self, database: Database, time_limit_s: float) -> None:
        self._database = database
        self._time_limit_s = time_limit_s

    def ask(self, statement: str, parameters: Mapping[str, object]) -> list[Row]:
        """All rows of the answer.

        Raises:
            QueryTimeoutError: the time or memory limit was reached.
            StoreUnavailableError: the database is closed, or is being opened again.
        """
        with self._database.cursor() as cursor, _interrupted_after(self._time_limit_s, cursor):
            try:
                return cursor.execute(statement, parameters).fetchall()
            except duckdb.InterruptException as error:
                if not self._database.is_open:
                    message = "the store was closed meanwhile"
                    raise StoreUnavailableError(message) from error
                message = f"no answer within {self._time_limit_s:g} s: ask about a shorter time"
                raise QueryTimeoutError(message) from error
            except duckdb.OutOfMemoryException as error:
                message = "the answer needs more memory than the store may use: ask about a shorter time"
                raise QueryTimeoutError(message) from error
            except (duckdb.ConnectionException, duckdb.FatalException) as error:
                message = "the store is being opened again: ask once more"
                raise StoreUnavailableError(message) from error


def bounds(time_range: TimeRange) -> dict[str, object]:
    """The parameters that a range has in every statement."""
    return {"start_us": time_range.start_us, "end_us": time_range.end_us}


@contextmanager
def _interrupted_after(limit_s: float, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt what runs on the cursor after a while, but never what runs on it later."""
    interruption = _Interruption(cursor)
    timer = threading.Timer(limit_s, interruption.fire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        interruption.disarm()


class _Interruption:
    """Fires at most until it is disarmed: a late interruption would hit the cursor's next statement."""

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
