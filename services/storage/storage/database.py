"""Connections to a database that may be away: at start, for a while, or hanging.

Every failure to get or use a connection becomes a `DatabaseUnavailableError` in bounded time; nothing has to be
restarted when the database is back.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from mysql.connector import DataError, Error, IntegrityError, ProgrammingError
from mysql.connector.errorcode import (
    CR_CONN_HOST_ERROR,
    CR_CONNECTION_ERROR,
    CR_SERVER_GONE_ERROR,
    CR_SERVER_LOST,
    CR_UNKNOWN_HOST,
    ER_ACCESS_DENIED_ERROR,
    ER_BAD_DB_ERROR,
    ER_DBACCESS_DENIED_ERROR,
)
from mysql.connector.errors import ConnectionTimeoutError, ReadTimeoutError, WriteTimeoutError

logger = logging.getLogger(__name__)


class DatabaseUnavailableError(Exception):
    """The database cannot be used now; trying again later is right. Its text says what happened, without secrets."""


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    lastrowid: int

    def execute(self, operation: str, params: tuple[object, ...] = ()) -> object:
        """Run one statement; `%s` marks stand for the parameters."""

    def fetchall(self) -> list[Any]:
        """Rows of the last statement."""

    def close(self) -> object:
        """Let go of the result."""


class Connection(Protocol):
    """What is used of a pooled connection, which must commit by itself."""

    def cursor(self) -> Cursor:
        """Begin a statement."""

    def close(self) -> object:
        """Give the connection back to its pool."""


class Pool(Protocol):
    """What is used of a connection pool."""

    def get_connection(self) -> Connection:
        """Check out a connection that answered just now; raise at once when none is free or none can be made."""


class Database:
    """A pool that is opened when first needed, waited for within bounds, and replaced when it fails.

    The connector's pool connects when it is built (so the database has to be up), raises at once when all its
    connections are out, and tests connections under one lock for the whole process (so behind one that hangs, all
    wait). It also loses connections when a server answers with bytes that are not MySQL's. Hence the slots, the waiting
    with a deadline, and a new pool after a failure to connect.
    """

    def __init__(self, open_pool: Callable[[], Pool], size: int, patience_s: float = 0.5) -> None:
        """Prepare; nothing is connected yet.

        Args:
            open_pool: Builds a pool of `size` connections, or raises when the database is away.
            size: How many connections may be out at once.
            patience_s: How long a caller waits for its turn, in seconds, before the database counts as unavailable.
        """
        self._open_pool = open_pool
        self._slots = threading.BoundedSemaphore(size)
        self._patience_s = patience_s
        self._pool: Pool | None = None
        self._pool_lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Check out a connection that has answered a ping.

        Raises:
            DatabaseUnavailableError: No turn within the patience, no connection, or the connection failed under the
                statement. Errors in the statement itself (`ProgrammingError`, `DataError`, `IntegrityError`) pass
                through: those are this program's.
        """
        deadline_s = time.monotonic() + self._patience_s
        if not self._slots.acquire(timeout=self._patience_s):
            message = f"all connections are busy, and none became free within {self._patience_s} s"
            raise DatabaseUnavailableError(message)
        try:
            connection = self._check_out(deadline_s)
            try:
                yield connection
            except (ProgrammingError, DataError, IntegrityError):
                raise
            except Error as error:
                raise _unavailable(error) from error
            finally:
                connection.close()
        finally:
            self._slots.release()

    def _check_out(self, deadline_s: float) -> Connection:
        if not self._pool_lock.acquire(timeout=max(0.0, deadline_s - time.monotonic())):
            message = f"a connection was being tried for more than {self._patience_s} s"
            raise DatabaseUnavailableError(message)
        try:
            if self._pool is None:
                self._pool = self._open_pool()
            return self._pool.get_connection()
        except Exception as error:
            # Not the connector's errors alone: bytes that are not MySQL's make it raise an IndexError, for instance.
            self._pool = None
            raise _unavailable(error) from error
        finally:
            self._pool_lock.release()


def _unavailable(error: Exception) -> DatabaseUnavailableError:
    """Log the connector's text, which may be long and may name users; the client gets what it comes down to."""
    logger.warning("database unavailable: %s: %s", type(error).__name__, error)
    # A pooled connection that cannot be made again hides why behind an InterfaceError without a number.
    cause = error.__cause__ if getattr(error, "errno", None) == -1 and error.__cause__ else error
    number = getattr(cause, "errno", None)
    if isinstance(cause, ConnectionTimeoutError | ReadTimeoutError | WriteTimeoutError):
        reason = "it does not answer"
    elif number in (CR_CONN_HOST_ERROR, CR_CONNECTION_ERROR, CR_UNKNOWN_HOST):
        reason = "it cannot be reached"
    elif number in (CR_SERVER_GONE_ERROR, CR_SERVER_LOST):
        reason = "it closed the connection"
    elif number in (ER_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR, ER_BAD_DB_ERROR):
        reason = f"it refuses the user or the database (error {number}); check the MYSQL_ settings"
    else:
        reason = f"{type(cause).__name__} {number or ''}".rstrip()
    return DatabaseUnavailableError(reason)
