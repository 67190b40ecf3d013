"""MySQL: one client span per statement, created by opencensus-ext-mysql on mysql-connector-python.

Raises:
    ImportError: At import, when `mysql.connector` is older than version 8.
"""

from abc import ABC
from collections.abc import Callable, Generator, Iterator
from contextvars import ContextVar
from functools import wraps
from types import FunctionType, new_class
from typing import TYPE_CHECKING, Any, Self, cast

import mysql.connector
from mysql.connector.pooling import MySQLConnectionPool
from opencensus.ext.mysql import trace as ext_mysql
from opencensus.trace import execution_context
from opencensus.trace.span import SpanKind

from telemetry._internal.core import Telemetry
from telemetry._internal.errors import register_client_errors
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.sql_text import describe_statement
from telemetry._internal.sql_tokens import SqlMode
from telemetry._internal.tracing.tracing import Span, record_error
from telemetry._internal.transparent_context import transparent_context

if TYPE_CHECKING:

    class _Connector:
        """The protocols of the connector's classes."""

        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401
        def __enter__(self) -> Self: ...
        def __exit__(self, *exception: object) -> None: ...
        def __iter__(self) -> Iterator[Any]: ...
        def __next__(self) -> Any: ...  # noqa: ANN401
else:
    _Connector = ABC

__all__ = ["TracedConnection", "TracedCursor", "TracedPool", "traced_pool"]

_OLDEST_MAJOR_VERSION = 8
"""mysql-connector-python has had the version numbers of MySQL since 8.0; `mysql-connector` ended with 2.2.9."""
_CLIENT_ERRORS = range(2000, 3000)
"""Error numbers of the client library: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html."""
_RUNNING: ContextVar[object] = ContextVar("running_cursor", default=None)
"""The cursor whose traced method is running: the connector's methods call one another."""
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
    the table, such as `INSERT mesh.submitted_values`; its data is the statement with placeholders, without values and
    comments. A session that switches ANSI_QUOTES or NO_BACKSLASH_ESCAPES on must do so by the argument `sql_mode`. The
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
            connection: TracedConnection = self._tracing.traced(super().get_connection(), TracedConnection)
            return connection


class TracedConnection(_Connector):
    """The methods of a connection whose cursors are traced; everything else is the connector's own class."""

    _tracing: "_StatementTracer"
    _traced_class: type

    def cursor(self, *args: Any, **kwargs: Any) -> "TracedCursor":  # noqa: ANN401, the connector's own
        """Return a traced cursor."""
        inherited: Any = super(self._traced_class, self)
        create = getattr(inherited, "cursor", None) or inherited.__getattr__("cursor")
        cursor: TracedCursor = self._tracing.traced(create(*args, **kwargs), TracedCursor)
        return cursor


class TracedCursor(_Connector):
    """The methods of a cursor whose statements are traced, one span per call; everything else is the connector's own.

    Statements that the connector runs internally are part of the call's span.
    """

    _tracing: "_StatementTracer"
    _traced_class: type

    def execute(self, operation: str | bytes, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Run a statement and trace it."""
        inherited: Any = super(self._traced_class, self)
        return self._tracing.run(self, inherited.execute, operation, *args, **kwargs)

    def executemany(self, operation: str | bytes, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Execute a statement with several sets of values."""
        inherited: Any = super(self._traced_class, self)
        return self._tracing.run(self, inherited.executemany, operation, *args, **kwargs)

    def callproc(self, procname: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, the connector's own
        """Call a stored procedure."""
        inherited: Any = super(self._traced_class, self)
        return self._tracing.run(self, inherited.callproc, procname, *args, **kwargs)


class _StatementTracer:
    """Creates the spans of one pool's statements and connection attempts."""

    def __init__(self, telemetry: Telemetry, pool_arguments: dict[str, Any]) -> None:
        self._telemetry = telemetry
        self._database = str(pool_arguments.get("database") or pool_arguments.get("db") or "")
        self._mode = SqlMode.parse(pool_arguments.get("sql_mode"))
        socket = pool_arguments.get("unix_socket")
        host, port = pool_arguments.get("host", _DEFAULT_HOST), pool_arguments.get("port", _DEFAULT_PORT)
        self._target = f"{socket or f'{host}:{port}'} | {self._database}".removesuffix(" | ")
        self._traced_classes: dict[type, type] = {}

    def traced(self, instance: Any, methods: Any) -> Any:  # noqa: ANN401
        """Make a connection or cursor traced and return it: its class becomes a subclass with the methods.

        A proxy would have to repeat the protocols of the connector's classes (iteration, context manager, attributes
        that are set), and would not pass `isinstance`.
        """
        with handle_internal_errors("tracing a connection or cursor"):
            base = type(instance)
            if base not in self._traced_classes:
                self._traced_classes[base] = self._subclass(base, methods)
            instance.__class__ = self._traced_classes[base]
        return instance

    def _subclass(self, base: type, methods: Any) -> type:  # noqa: ANN401
        # Python allows the assignment to `__class__` only if base is the single base and there are no new slots.
        body: dict[str, Any] = {name: value for name, value in vars(methods).items() if isinstance(value, FunctionType)}
        names: dict[str, Any] = {name: getattr(base, name) for name in ("__module__", "__qualname__", "__doc__")}
        body |= names | {"__slots__": (), "_tracing": self}
        created: Any = new_class(base.__name__, (base,), None, lambda namespace: namespace.update(body))
        created._traced_class = created  # noqa: SLF001, an attribute of this class
        methods.register(created)
        return cast("type", created)

    def run(self, cursor: object, method: Callable[..., Any], statement: object, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run a statement; when the cursor's own method calls it, without a further span."""
        if _RUNNING.get() is cursor:
            return method(statement, *args, **kwargs)
        token = _RUNNING.set(cursor)
        try:
            return self._run_in_span(method, statement, *args, **kwargs)
        finally:
            _RUNNING.reset(token)

    def _run_in_span(self, method: Callable[..., Any], statement: object, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
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

    @transparent_context
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

    def _describe(self, span: object, method_name: str, statement: object) -> None:
        if isinstance(span, Span):
            for name in [name for name in span.attributes if name.startswith("mysql.")]:
                del span.attributes[name]  # the extension's: the statement with its literals, the cursor's method
            described = describe_statement(
                f"CALL {statement}" if method_name == "callproc" else statement, self._database, self._mode
            )
            span.name = described.name
            self._set_target(span)
            span.add_attribute("db.query.text", described.text)

    def _set_target(self, span: Span) -> None:
        span.span_kind = SpanKind.CLIENT
        span.add_attribute("component", "MySQL")
        span.add_attribute("db.target", self._target)


def _error_code(error: BaseException) -> str:
    """Return MySQL's error number; if the error has none, that of its cause; otherwise the name of its class."""
    for candidate in (error, error.__cause__, error.__context__):
        number = candidate.errno if isinstance(candidate, mysql.connector.Error) else None
        if isinstance(number, int) and number > 0:
            return str(number)
    return type(error).__name__
