"""MySQL: one client span a statement, made by opencensus-ext-mysql on mysql-connector-python."""

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
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.sql_text import statement_name, without_literals
from telemetry._internal.tracing.tracing import Span, record_error

_OLDEST_SUPPORTED = (8, 0, 0)
_DEFAULT_HOST, _DEFAULT_PORT = "127.0.0.1", 3306


def traced_pool(telemetry: Telemetry, **pool_arguments: Any) -> "TracedPool":  # noqa: ANN401, the connector's own
    """Make a connection pool whose connections trace their statements.

    A statement becomes a dependency of type `MySQL` with the target `host:port | database`, named after what it does
    to which table, as `INSERT mesh.submitted_values`. Its data is the statement with placeholders, never a value. A
    failure carries MySQL's error number as its result code; so does a failure to connect.

    Args:
        telemetry: Where the spans go.
        pool_arguments: Those of `mysql.connector.pooling.MySQLConnectionPool`.

    Raises:
        mysql.connector.Error: The server cannot be reached: the pool opens its connections at once.
        RuntimeError: An outdated connector shadows mysql-connector-python.
    """
    version = mysql.connector.version.VERSION[:3]
    if version < _OLDEST_SUPPORTED:
        # opencensus-ext-mysql asks for mysql-connector 2, which installs over mysql-connector-python.
        message = f"expected mysql-connector-python 8 or later, found version {version}: uninstall mysql-connector"
        raise RuntimeError(message)
    return TracedPool(telemetry, **pool_arguments)


class TracedPool(MySQLConnectionPool):
    """A pool that hands out traced connections, and tells of failures to connect."""

    def __init__(self, telemetry: Telemetry, **pool_arguments: Any) -> None:  # noqa: ANN401, the connector's own
        self._tracing = _Tracing(telemetry, pool_arguments)
        with self._tracing.failure_to_connect():
            super().__init__(**pool_arguments)

    def get_connection(self) -> "TracedConnection":  # type: ignore[override]
        """Take a connection out of the pool; it opens the connection again when it has been lost.

        Raises:
            mysql.connector.Error: No connection is free, or the server cannot be reached.
        """
        with self._tracing.failure_to_connect():
            return TracedConnection(super().get_connection(), self._tracing)


class TracedConnection:
    """A connection whose cursors are traced. Everything else is the connection's own."""

    def __init__(self, connection: Any, tracing: "_Tracing") -> None:  # noqa: ANN401
        self._connection = connection
        self._tracing = tracing

    def cursor(self, *args: Any, **kwargs: Any) -> "TracedCursor":  # noqa: ANN401, the connector's own
        """Make a cursor."""
        return TracedCursor(self._connection.cursor(*args, **kwargs), self._tracing)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._connection, name)

    def __enter__(self) -> Self:
        self._connection.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._connection.__exit__(kind, error, tb)


class TracedCursor:
    """A cursor whose statements are traced, each once: what it runs by itself underneath is part of the statement."""

    def __init__(self, cursor: Any, tracing: "_Tracing") -> None:  # noqa: ANN401
        self._cursor = cursor
        self._tracing = tracing

    def execute(self, operation: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Run a statement."""
        return self._tracing.run(self._cursor.execute, operation, *args, **kwargs)

    def executemany(self, operation: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Run a statement with many sets of values."""
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


class _Tracing:
    """What the connections of a pool have in common: where spans go, and which server they are about."""

    def __init__(self, telemetry: Telemetry, pool_arguments: dict[str, Any]) -> None:
        self._telemetry = telemetry
        self._database = str(pool_arguments.get("database") or pool_arguments.get("db") or "")
        socket = pool_arguments.get("unix_socket")
        host, port = pool_arguments.get("host", _DEFAULT_HOST), pool_arguments.get("port", _DEFAULT_PORT)
        self._target = f"{socket or f'{host}:{port}'} | {self._database}".removesuffix(" | ")

    def run(self, method: Callable[..., Any], statement: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run a statement inside the span that opencensus-ext-mysql makes for it.

        The extension names every span alike, gives it neither type nor target, shows literal values, leaves the span of
        a failed statement open and reports it as a success. What it leaves undone is done here, inside its span.
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
    def failure_to_connect(self) -> Generator[None]:
        """A span around an attempt to connect, which is recorded only when the attempt fails."""
        with self._telemetry.operation() as tracer:
            span = tracer.start_span(f"CONNECT {self._database}".strip())
            try:
                yield
            except BaseException as error:
                if isinstance(span, Span):
                    self._identify(span)
                    record_error(span, error, _error_code(error))
                    span.context_tracer.end(span)
                raise
            if isinstance(span, Span):
                span.context_tracer.leave(span)

    def _describe(self, span: object, method_name: str, statement: str) -> None:
        if isinstance(span, Span):
            text = f"CALL {statement}" if method_name == "callproc" else str(statement)
            span.name = statement_name(text, self._database)
            self._identify(span)
            span.attributes["mysql.query"] = without_literals(text)

    def _identify(self, span: Span) -> None:
        span.span_kind = SpanKind.CLIENT
        span.add_attribute("component", "MySQL")
        span.add_attribute("mysql.target", self._target)


def _error_code(error: BaseException) -> str:
    """MySQL's error number; that of the cause when the error itself has none; else the name of its class."""
    for candidate in (error, error.__cause__, error.__context__):
        number = getattr(candidate, "errno", None)
        if isinstance(candidate, mysql.connector.Error) and isinstance(number, int) and number > 0:
            return str(number)
    return type(error).__name__
