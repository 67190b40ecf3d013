"""Connections to a database that may be unavailable: at the start, temporarily, or unresponsive.

Every failure to open or use a connection becomes a `DatabaseUnavailableError` in bounded time. Nothing has to be
restarted when the database is available again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import FastAPI
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
from starlette.requests import Request
from starlette.responses import Response

from service.problems import ServiceProblem, respond_with_problem
from storage.settings import MySQLSettings
from telemetry import Telemetry
from telemetry.integrations.mysql import traced_pool

logger = logging.getLogger(__name__)


class DatabaseUnavailableError(Exception):
    """The database is unavailable, probably temporarily. The text is the reason, without secrets."""


class Cursor(Protocol):
    """The part of a DB-API cursor that the service uses."""

    lastrowid: int

    def execute(self, operation: str, params: tuple[object, ...] = ()) -> object:
        """Execute one statement; `%s` marks are replaced by the parameters."""

    def fetchall(self) -> list[Any]:
        """Return the rows of the last statement."""

    def close(self) -> object:
        """Release the result."""


class Connection(Protocol):
    """The part of a pooled connection that the service uses. It must commit every statement."""

    def cursor(self) -> Cursor:
        """Return a cursor for one statement."""

    def close(self) -> object:
        """Return the connection to its pool."""


class Pool(Protocol):
    """The part of a connection pool that the service uses."""

    def get_connection(self) -> Connection:
        """Check out a connection that responded to a ping; raise at once if none is free or none can be opened."""


class Database:
    """A pool that is opened at its first use, waited for in bounded time, and replaced after a failure to connect.

    The connector's pool connects when it is built (so the database has to be up), raises at once when all its
    connections are checked out, and tests connections under one lock of the whole process (so all callers wait for one
    unresponsive connection). It also loses connections when a server sends bytes that are not MySQL's protocol. That is
    why this class has slots, waits with a deadline, and builds a new pool after a failure to connect.
    """

    def __init__(self, open_pool: Callable[[], Pool], size: int, wait_s: float = 0.5) -> None:
        """Create the database without connecting.

        Args:
            open_pool: Builds a pool of `size` connections; raises if the database is unavailable.
            size: The maximum of connections in use.
            wait_s: Seconds that a caller waits for a free connection before the database counts as unavailable.
        """
        self._open_pool = open_pool
        self._slots = threading.BoundedSemaphore(size)
        self._wait_s = wait_s
        self._pool: Pool | None = None
        self._pool_lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Check out a connection that responded to a ping.

        Raises:
            DatabaseUnavailableError: No connection became free in time, none can be opened, or the connection failed
                during the statement. Errors in the statement (`ProgrammingError`, `DataError`, `IntegrityError`) are
                raised unchanged: they are faults of this program.
        """
        deadline_s = time.monotonic() + self._wait_s
        if not self._slots.acquire(timeout=self._wait_s):
            message = f"all connections are busy, and none became free within {self._wait_s} s"
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
            message = f"another connection was being tested for more than {self._wait_s} s"
            raise DatabaseUnavailableError(message)
        try:
            if self._pool is None:
                self._pool = self._open_pool()
            return self._pool.get_connection()
        except Exception as error:
            # Exceptions of all kinds: bytes that are not MySQL's protocol make the connector raise an IndexError.
            self._pool = None
            raise _unavailable(error) from error
        finally:
            self._pool_lock.release()


def _unavailable(error: Exception) -> DatabaseUnavailableError:
    """Log the connector's text, which may be long and contain user names; return an error with a short reason."""
    logger.warning("database unavailable: %s: %s", type(error).__name__, error)
    # If a pooled connection cannot be reopened, the connector raises an InterfaceError without a number around the
    # cause.
    cause = error.__cause__ if getattr(error, "errno", None) == -1 and error.__cause__ else error
    number = getattr(cause, "errno", None)
    if isinstance(cause, ConnectionTimeoutError | ReadTimeoutError | WriteTimeoutError):
        reason = "it does not respond"
    elif number in (CR_CONN_HOST_ERROR, CR_CONNECTION_ERROR, CR_UNKNOWN_HOST):
        reason = "it is unreachable"
    elif number in (CR_SERVER_GONE_ERROR, CR_SERVER_LOST):
        reason = "it closed the connection"
    elif number in (ER_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR, ER_BAD_DB_ERROR):
        reason = f"it rejects the user or the database (error {number}); check the MYSQL_ settings"
    else:
        reason = f"{type(cause).__name__} {number or ''}".rstrip()
    return DatabaseUnavailableError(reason)


def mysql_database(mysql: MySQLSettings, telemetry: Telemetry) -> Database:
    """Return the database of the settings, with traced statements; it does not connect yet."""
    open_pool = partial(
        traced_pool,
        telemetry,
        host=mysql.host,
        port=mysql.port,
        user=mysql.user,
        password=mysql.password.get_secret_value(),
        database=mysql.database,
        pool_name="storage",
        pool_size=mysql.pool_size,
        # Every statement is a transaction, so there is no session state; a reset takes three statements.
        autocommit=True,
        pool_reset_session=False,
        connection_timeout=mysql.timeout_s,
        read_timeout=mysql.timeout_s,
        write_timeout=mysql.timeout_s,
    )
    return Database(open_pool, mysql.pool_size)


def install_unavailable_handler(app: FastAPI, address: str) -> None:
    """Respond to a `DatabaseUnavailableError` with a 503 problem that names MySQL and its address."""

    @app.exception_handler(DatabaseUnavailableError)
    def database_unavailable(request: Request, error: DatabaseUnavailableError) -> Response:
        detail = f"MySQL at {address} is unavailable: {error}. Try again in a few seconds."
        headers = {"Retry-After": "1"}
        return respond_with_problem(
            request, ServiceProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, service="MySQL", headers=headers)
        )
