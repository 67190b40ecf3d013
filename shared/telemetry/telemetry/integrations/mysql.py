"""MySQL: one client span per statement, created by opencensus-ext-mysql on mysql-connector-python.

Raises:
    ImportError: At import, when `mysql.connector` is older than version 8.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from types import TracebackType
from typing import Any, Self

import mysql.connector
from mysql.connector.pooling import MySQLConnectionPool
from opencensus.ext.mysql import trace as ext_mysql
from opencensus.trace import execution_context
from opencensus.trace.span import SpanKind

from telemetry._internal.core import Telemetry
from telemetry._internal.errors import register_client_errors
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.sql_text import statement_name, without_literals
from telemetry._internal.tracing.tracing import Span, record_error

__all__ = ["TracedConnection", "TracedCursor", "TracedPool", "traced_pool"]

_OLDEST_MAJOR_VERSION = 8
"""mysql-connector-python has had the version numbers of MySQL since 8.0; `mysql-connector` ended with 2.2.9."""
_CLIENT_ERRORS = range(2000, 3000)
"""Error numbers of the client library: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html."""
_DEFAULT_HOST, _DEFAULT_PORT = "127.0.0.1", 3306


def _require_supported_connector(version: tuple[int | str, ...]) -> None:
    """Reject the package `mysql-connector` 2.2.9.

    opencensus-ext-mysql requires that package. It was abandoned in 2018 and installs into the same folders as
    mysql-connector-python: the one that is installed last overwrites the other.

    Args:
        version: Version of the imported `mysql.connector`.

    Raises:
        ImportError: The version is older than 8.
    """
    if int(version[0]) < _OLDEST_MAJOR_VERSION:
        message = (
            f"mysql.connector has version {'.'.join(str(part) for part in version[:3])}: this is the abandoned "
            "package mysql-connector; expected mysql-connector-python 8 or later. "
            "Uninstall both packages, then install mysql-connector-python."
        )
        raise ImportError(message)


def _is_client_error(error: BaseException) -> bool:
    number = getattr(error, "errno", None)
    return isinstance(error, mysql.connector.Error) and isinstance(number, int) and number in _CLIENT_ERRORS


_require_supported_connector(mysql.connector.__version_info__)
register_client_errors(_is_client_error)


def traced_pool(telemetry: Telemetry, **pool_arguments: Any) -> "TracedPool":  # noqa: ANN401, the connector's own
    """Create a connection pool whose connections trace their statements.

    A statement becomes a dependency of type `MySQL` with the target `host:port | database`. Its name is the verb and
    the table, such as `INSERT mesh.submitted_values`; its data is the statement with placeholders, without values. The
    result code of a failed statement, and of a failed connection attempt, is MySQL's error number.

    Args:
        telemetry: Receives the spans.
        pool_arguments: Arguments of `mysql.connector.pooling.MySQLConnectionPool`.

    Raises:
        mysql.connector.Error: The server cannot be reached: the pool opens its connections at once.
    """
    return TracedPool(telemetry, **pool_arguments)


class TracedPool(MySQLConnectionPool):
    """A pool that returns traced connections and records failed connection attempts."""

    def __init__(self, telemetry: Telemetry, **pool_arguments: Any) -> None:  # noqa: ANN401, the connector's own
        self._tracing = _StatementTracer(telemetry, pool_arguments)
        with self._tracing.connection_attempt():
            super().__init__(**pool_arguments)

    def get_connection(self) -> "TracedConnection":  # type: ignore[override]
        """Return a connection of the pool; a lost connection is opened again.

        Raises:
            mysql.connector.Error: No connection is free, or the server cannot be reached.
        """
        with self._tracing.connection_attempt():
            return TracedConnection(super().get_connection(), self._tracing)


class TracedConnection:
    """A connection whose cursors are traced. All other attributes are those of the connection."""

    def __init__(self, connection: Any, tracing: "_StatementTracer") -> None:  # noqa: ANN401
        self._connection = connection
        self._tracing = tracing

    def cursor(self, *args: Any, **kwargs: Any) -> "TracedCursor":  # noqa: ANN401, the connector's own
        """Return a traced cursor."""
        return TracedCursor(self._connection.cursor(*args, **kwargs), self._tracing)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._connection, name)

    def __enter__(self) -> Self:
        self._connection.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._connection.__exit__(kind, error, tb)


class TracedCursor:
    """A cursor whose statements are traced, one span per call.

    Statements that the connector runs internally are part of the call's span.
    """

    def __init__(self, cursor: Any, tracing: "_StatementTracer") -> None:  # noqa: ANN401
        self._cursor = cursor
        self._tracing = tracing

    def execute(self, operation: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Run a statement and trace it."""
        return self._tracing.run(self._cursor.execute, operation, *args, **kwargs)

    def executemany(self, operation: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Execute a statement with several sets of values."""
        return self._tracing.run(self._cursor.executemany, operation, *args, **kwargs)

    def callproc(self, procname: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Call a stored procedure."""
        return self._tracing.run(self._cursor.callproc, procname, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def __enter__(self) -> Self:
        self._cursor.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._cursor.__exit__(kind, error, tb)


class _StatementTracer:
    """Creates the spans of one pool's statements and connection attempts."""

    def __init__(self, telemetry: Telemetry, pool_arguments: dict[str, Any]) -> None:
        self._telemetry = telemetry
        self._database = str(pool_arguments.get("database") or pool_arguments.get("db") or "")
        socket = pool_arguments.get("unix_socket")
        host, port = pool_arguments.get("host", _DEFAULT_HOST), pool_arguments.get("port", _DEFAULT_PORT)
        self._target = f"{socket or f'{host}:{port}'} | {self._database}".removesuffix(" | ")

    def run(self, method: Callable[..., Any], statement: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run a statement inside the span that opencensus-ext-mysql creates for it.

        The extension uses one name for all spans, sets neither type nor target, records literal values, and leaves the
        span of a failed statement open without an error. This method corrects the span while it is current.
        """

        @wraps(method)
        def run_described(*call_args: Any) -> Any:  # noqa: ANN401
            span = execution_context.get_current_span()
            with handle_internal_errors("describing a statement"):
                self._describe(span, method.__name__, statement)
            try:
                return method(*call_args, **kwargs)
            except BaseException as error:
                if isinstance(span, Span):
                    record_error(span, error, _error_code(error))
                    span.context_tracer.end(span)
                raise

        with self._telemetry.operation():
            return ext_mysql.trace.trace_cursor_query(run_described)(statement, *args)

    @contextmanager
    def connection_attempt(self) -> Generator[None]:
        """Trace an attempt to connect; the span is exported only when the attempt fails."""
        with self._telemetry.operation() as tracer:
            span = tracer.start_span(f"CONNECT {self._database}".strip())
            try:
                yield
            except BaseException as error:
                if isinstance(span, Span):
                    self._set_target(span)
                    record_error(span, error, _error_code(error))
                    span.context_tracer.end(span)
                raise
            if isinstance(span, Span):
                span.context_tracer.leave(span)

    def _describe(self, span: object, method_name: str, statement: str) -> None:
        if isinstance(span, Span):
            text = f"CALL {statement}" if method_name == "callproc" else str(statement)
            span.name = statement_name(text, self._database)
            self._set_target(span)
            for name in [name for name in span.attributes if name.startswith("mysql.")]:
                del span.attributes[name]  # the extension's: the statement with its literals, the cursor's method
            span.add_attribute("db.query.text", without_literals(text))

    def _set_target(self, span: Span) -> None:
        span.span_kind = SpanKind.CLIENT
        span.add_attribute("component", "MySQL")
        span.add_attribute("db.target", self._target)


def _error_code(error: BaseException) -> str:
    """Return MySQL's error number; if the error has none, that of its cause; otherwise the name of its class."""
    for candidate in (error, error.__cause__, error.__context__):
        number = getattr(candidate, "errno", None)
        if isinstance(candidate, mysql.connector.Error) and isinstance(number, int) and number > 0:
            return str(number)
    return type(error).__name__
