"""The documented APIs behave the same with and without tracing: the same program runs twice and is compared."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

import httpx
import pytest
import requests
from mysql.connector.abstracts import MySQLCursorAbstract
from mysql.connector.connection import MySQLConnection
from mysql.connector.constants import FieldType
from mysql.connector.conversion import MySQLConverter
from mysql.connector.pooling import MySQLConnectionPool, PooledMySQLConnection

from support.recorded_telemetry import Recorded
from telemetry.integrations.httpx import TracedAsyncTransport, TracedTransport
from telemetry.integrations.mysql import TracedConnection, TracedCursor, TracedPool
from telemetry.integrations.requests import trace_requests, untrace_requests


class UnprintableError(Exception):
    """An exception whose text cannot be read."""

    def __str__(self) -> str:
        message = "no text"
        raise RuntimeError(message)


class Unprintable:
    """A value whose text cannot be read."""

    def __str__(self) -> str:
        message = "no text"
        raise RuntimeError(message)

    __repr__ = __str__


def outcome(action: Callable[[], Any]) -> object:
    """Return the result of an action, or its exception's type, arguments and chain."""
    try:
        return action()
    except BaseException as error:  # noqa: BLE001, the exception is the result
        return type(error), repr(error.args), type(error.__cause__), type(error.__context__)


def set_to(target: object, name: str, value: object) -> object:
    """Set an attribute and return what it is then."""
    setattr(target, name, value)
    return getattr(target, name)


# --- MySQL: the connector's own cursors and pooled connection, on a connection that returns three rows


class ThreeRows(MySQLConnection):
    """A connection of the connector, without a server: every statement returns 1, 2, 3 or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.converter = MySQLConverter()
        self.rows: list[tuple[bytes]] = []
        self.statements: list[object] = []

    @property
    def sql_mode(self) -> str:
        return ""

    @sql_mode.setter
    def sql_mode(self, value: object) -> None:
        raise NotImplementedError(value)

    def is_connected(self) -> bool:
        return True

    def cmd_query(self, query: Any, *_args: object, **_kwargs: object) -> dict[str, Any]:  # noqa: ANN401
        self.statements.append(bytes(query))
        if b"missing" in bytes(query):
            raise UnprintableError
        if b"INSERT" in bytes(query):
            return {"affected_rows": 1, "insert_id": 7, "warning_count": 0, "status_flag": 0}
        self.rows = [(b"1",), (b"2",), (b"3",)]
        self.unread_result = True
        column = ("n", FieldType.LONGLONG, None, None, None, None, 0, 0, 63)
        return {"columns": [column], "eof": {"warning_count": 0, "status_flag": 0}}

    def get_rows(self, count: int | None = None, *_args: object, **_kwargs: object) -> Any:  # noqa: ANN401
        everything = count is None or count < 0
        found = self.rows[: None if everything else count]
        self.rows = self.rows[len(found) :]
        eof = None
        if everything or not found:
            eof, self.unread_result = {"warning_count": 0, "status_flag": 0}, False
        return [tuple(int(value) for value in row) for row in found], eof

    def get_row(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401
        rows, eof = self.get_rows(1, *args, **kwargs)
        return (rows[0] if rows else None), eof


def pooled(raw: ThreeRows) -> PooledMySQLConnection:
    pool = MySQLConnectionPool.__new__(MySQLConnectionPool)
    return PooledMySQLConnection(pool, raw)


@pytest.fixture
def traced_pooled(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> Callable[[ThreeRows], TracedConnection]:
    def connect(raw: ThreeRows) -> TracedConnection:
        monkeypatch.setattr(MySQLConnectionPool, "__init__", lambda *_args, **_kwargs: None)
        monkeypatch.setattr(MySQLConnectionPool, "get_connection", lambda _pool: pooled(raw))
        return TracedPool(recorded.telemetry, database="mesh").get_connection()

    return connect


def cursor_program(connect: Callable[[ThreeRows], Any], **options: bool) -> list[object]:
    """Use the whole documented API of a cursor and return everything that it returns."""
    raw = ThreeRows()
    connection = connect(raw)
    cursor = connection.cursor(**options)
    select = "SELECT n FROM numbers"
    results: list[object] = [
        outcome(lambda: cursor.fetchone()),  # noqa: PLW0108, the attribute is part of the test
        outcome(lambda: next(cursor)),
        outcome(lambda: cursor.execute(select)),
        outcome(lambda: next(cursor)),
        outcome(lambda: [cursor.fetchone(), cursor.fetchone(), cursor.fetchone(), cursor.fetchone()]),
        outcome(lambda: cursor.execute(select)),
        outcome(lambda: list(cursor)),
        outcome(lambda: next(iter(cursor))),
        outcome(lambda: [set_to(cursor, "arraysize", 2), cursor.execute(select), cursor.fetchmany(), cursor.arraysize]),
        outcome(lambda: [cursor.fetchall(), cursor.rowcount, cursor.description, cursor.with_rows]),
        outcome(lambda: [cursor.column_names, cursor.statement, cursor.lastrowid, cursor.warnings]),
        outcome(lambda: cursor.execute("INSERT INTO numbers VALUES (%s)", (4,))),
        outcome(lambda: [cursor.lastrowid, cursor.rowcount]),
        outcome(lambda: cursor.executemany("UPDATE numbers SET n = %s", [(1,), (2,)])),
        outcome(lambda: [row for row in cursor]),  # noqa: C416, iteration is part of the test
        outcome(lambda: cursor.execute("SELECT * FROM missing")),
        outcome(lambda: cursor.execute("SELECT %s", 5)),
        outcome(lambda: cursor.no_such_attribute),
        outcome(lambda: [set_to(cursor, "mine", 1), cursor.mine]),
        outcome(lambda: [str(cursor), type(cursor).__name__, isinstance(cursor, MySQLCursorAbstract)]),
        outcome(lambda: [cursor == cursor, hash(cursor) == hash(cursor), bool(cursor)]),  # noqa: PLR0124
        outcome(lambda: cursor.close()),  # noqa: PLW0108, the attribute is part of the test
        outcome(lambda: cursor.execute(select)),
        outcome(lambda: [set_to(connection, "autocommit", True), connection.autocommit]),
        outcome(lambda: [isinstance(connection, PooledMySQLConnection), type(connection).__name__]),
        outcome(lambda: connection.no_such_attribute),
        outcome(lambda: connection.config()),  # noqa: PLW0108, the attribute is part of the test
        raw.statements,
    ]
    with connection.cursor(**options) as used:
        results.append(outcome(lambda: [used.execute(select), used.fetchall()]))
        results.append(type(used).__name__)
    return results


@pytest.mark.parametrize(
    "options", [{}, {"buffered": True}, {"dictionary": True}, {"dictionary": True, "buffered": True}, {"raw": True}]
)
def test_cursor_and_connection_behave_as_without_tracing(
    traced_pooled: Callable[[ThreeRows], TracedConnection], options: dict[str, bool]
) -> None:
    untraced = cursor_program(pooled, **options)
    assert cursor_program(traced_pooled, **options) == untraced
    assert any("1" in str(result) for result in untraced[3:5]), "the fake connection returns rows"


def test_statements_run_by_the_connector_itself_have_no_span(
    traced_pooled: Callable[[ThreeRows], TracedConnection], recorded: Recorded
) -> None:
    raw = ThreeRows()
    connection = traced_pooled(raw)
    cursor = connection.cursor()
    cursor.executemany("DELETE FROM numbers WHERE n = %s", [(1,), (2,)])
    assert isinstance(connection, TracedConnection)
    assert isinstance(cursor, TracedCursor)
    assert len(raw.statements) == 2
    assert len(recorded.spans.spans) == 1


# --- HTTP clients


class Adapter(requests.adapters.BaseAdapter):
    """An adapter for any URL, whose response is set by the path."""

    def send(self, request: requests.PreparedRequest, *_args: object, **_kwargs: object) -> requests.Response:
        path = str(request.url).rpartition("/")[2]
        if path == "unprintable":
            raise UnprintableError
        if path == "exit":
            raise SystemExit(3)
        if path == "chained":
            try:
                dict[str, str]()[path]
            except KeyError:
                raise requests.ConnectionError(path)  # noqa: B904, an implicit context is part of the test
        response = requests.Response()
        response.url = str(request.url)
        response.request = request
        if path != "no-status":
            response.status_code = 200
        response._content = type(request).__name__.encode()
        return response

    def close(self) -> None:
        """Close nothing."""


def requests_program() -> list[object]:
    class Prepared(requests.PreparedRequest):
        """A request of the application's own class."""

    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("", Adapter())
    results = []
    for url in (
        "http://h/ok",
        "http://h/unprintable",
        "http://h/chained",
        "http://h/exit",
        "http://h/no-status",
        "mock://h:99999/ok",
        "mock://h:port/ok",
        "mock://[::1/ok",
        "http://h:99999/ok",
        "no-url",
        "",
    ):
        prepared = Prepared()
        prepared.method, prepared.url, prepared.headers = "GET", url, requests.structures.CaseInsensitiveDict()
        results += [
            outcome(lambda url=url: str(session.get(url).status_code)),  # type: ignore[misc]
            outcome(lambda one=prepared: session.send(one).content),  # type: ignore[misc]
            dict(prepared.headers),
        ]
        try:
            int("outer")
        except ValueError:
            results.append(outcome(lambda url=url: session.get(url).content))  # type: ignore[misc]
    request: Any = requests.Request("GET", "http://h/ok")
    return [*results, outcome(lambda: session.send(request))]


def test_requests_behaves_as_without_tracing(recorded: Recorded) -> None:
    untraced = requests_program()
    trace_requests(recorded.telemetry)
    try:
        traced = requests_program()
    finally:
        untrace_requests()
    assert traced == untraced
    assert len(recorded.spans.items("RemoteDependencyData")) == len(recorded.spans.spans) > 20


class Transport(httpx.MockTransport):
    """A transport with state of its own."""

    def __init__(self) -> None:
        super().__init__(self.respond)
        self.events: list[str] = []
        self.limit = 1

    def respond(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/unprintable":
            raise UnprintableError
        if path == "/stop":
            raise StopIteration
        if path == "/timeout":
            message = "slow"
            raise httpx.ReadTimeout(message) from OSError(path)
        return httpx.Response(500 if path == "/500" else 200, text=f"{self.limit}{path}")

    def __enter__(self) -> Self:
        self.events.append("enter")
        return self

    def __exit__(self, *_exception: object) -> None:
        self.events.append("exit")

    async def __aenter__(self) -> Self:
        self.events.append("enter")
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self.events.append("exit")


_PATHS = ("/ok", "/500", "/unprintable", "/timeout", "/stop")


def httpx_program(wrap: Callable[[Transport], Any]) -> list[object]:
    original = Transport()
    transport = wrap(original)
    transport.limit = 2
    with httpx.Client(transport=transport, base_url="http://h") as client:
        results = [outcome(lambda path=path: client.get(path).text) for path in _PATHS]  # type: ignore[misc]
    return [results, transport.limit, original.limit, original.events, outcome(lambda: transport.missing)]


def async_httpx_program(wrap: Callable[[Transport], Any]) -> list[object]:
    original = Transport()
    transport = wrap(original)
    transport.limit = 2

    async def get(path: str) -> object:
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as client:
            return (await client.get(path)).text

    results = [outcome(lambda path=path: asyncio.run(get(path))) for path in _PATHS]  # type: ignore[misc]
    return [results, original.limit, original.events]


def test_httpx_behaves_as_without_tracing(recorded: Recorded) -> None:
    traced = httpx_program(lambda transport: TracedTransport(recorded.telemetry, transport))
    assert traced == httpx_program(lambda transport: transport)
    assert len(recorded.spans.spans) == len(_PATHS)


def test_asynchronous_httpx_behaves_as_without_tracing(recorded: Recorded) -> None:
    traced = async_httpx_program(lambda transport: TracedAsyncTransport(recorded.telemetry, transport))
    assert traced == async_httpx_program(lambda transport: transport)
    assert len(recorded.spans.spans) == len(_PATHS)


# --- Spans, events and metrics


def test_exception_without_text_reaches_the_application_and_is_recorded_by_its_type(recorded: Recorded) -> None:
    with pytest.raises(UnprintableError), recorded.telemetry.span("work"):
        raise UnprintableError
    (item,) = recorded.spans.items("RemoteDependencyData")
    assert (item["success"], item["properties"]["error.message"]) == (False, "UnprintableError")


@pytest.mark.parametrize("key", ["http.url", "http.method", "http.status_code", "component", "error.code", 7])
@pytest.mark.parametrize(
    "value", ["http://[::1", "http://h:port/p?q=1", 42, None, b"http://h/\xff", float("inf"), [], {}, Unprintable()]
)
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_any_attribute_is_accepted_and_its_span_is_exported(
    recorded: Recorded,
    key: Any,  # noqa: ANN401, as the application passes it
    value: object,
    kind: int,
) -> None:
    with recorded.telemetry.span("work") as span:
        span.span_kind = kind
        span.add_attribute(key, value)
        for number in range(40):
            span.add_attribute(f"{number}", value)
    assert len(recorded.spans.envelopes()) == 1


def test_secrets_of_a_malformed_url_are_not_recorded(recorded: Recorded) -> None:
    with recorded.telemetry.span("work") as span:
        span.add_attribute("http.url", "http://user:S3CRET@[::1/path?token=S3CRET#S3CRET")
    assert recorded.spans.items("RemoteDependencyData")[0]["data"] == "http://[::1/path"


def test_value_without_text_is_recorded_by_its_type(recorded: Recorded) -> None:
    recorded.telemetry.event("order", {"value": Unprintable()})
    assert recorded.logs.items("EventData")[0]["properties"] == {"value": "Unprintable"}
