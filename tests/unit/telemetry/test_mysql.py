import gc
import logging
import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any, Self

import mysql.connector
import pytest
from mysql.connector.connection import MySQLConnection
from mysql.connector.pooling import MySQLConnectionPool

from support.recorded_telemetry import Recorded
from telemetry.integrations.mysql import TracedConnection, TracedPool, traced_pool
from telemetry.testing import RecordedTelemetry


class Cursor:
    """A fake cursor with the signatures of the connector."""

    rows = ((1, "four"),)

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def execute(self, operation: str, params: object = None, map_results: object = None) -> None:
        assert not map_results
        self.statements.append((operation, params))
        if "missing" in operation:
            raise mysql.connector.ProgrammingError(
                msg="Table 'mesh.missing' doesn't exist", errno=1146, sqlstate="42S02"
            )

    def executemany(self, operation: str, seq_params: list[tuple[str]]) -> None:
        self.execute(operation % tuple(f"'{value}'" for (value,) in seq_params))

    def callproc(self, procname: str, args: tuple[object, ...] = ()) -> None:
        self.execute(f"CALL {procname}{args}")

    def fetchall(self) -> list[tuple[int, str]]:
        return list(self.rows)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(self.rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.closed = True


class Connection:
    """A fake pooled connection of the connector."""

    def __init__(self) -> None:
        self.closed = False
        self.cursors: list[Cursor] = []

    def cursor(self, **_options: object) -> Cursor:
        self.cursors.append(Cursor())
        return self.cursors[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.closed = True


@pytest.fixture
def connection(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> TracedConnection:
    monkeypatch.setattr(MySQLConnectionPool, "__init__", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(MySQLConnectionPool, "get_connection", lambda _pool: Connection())
    return traced_pool(recorded.telemetry, host="db", port=3307, database="mesh", user="u").get_connection()


def dependencies(recorded: Recorded) -> list[dict[str, Any]]:
    return recorded.spans.items("RemoteDependencyData")


def test_statement_is_a_dependency(connection: TracedConnection, recorded: Recorded) -> None:
    with recorded.telemetry.span("caller") as caller, connection as open_connection, open_connection.cursor() as cursor:
        cursor.execute("INSERT INTO submitted_values (value) VALUES (%s)", ("four",))
    dependency = dependencies(recorded)[0]
    assert dependency["name"] == "INSERT mesh.submitted_values"
    assert dependency["data"] == "INSERT INTO submitted_values (value) VALUES (%s)"
    assert (dependency["type"], dependency["target"]) == ("MySQL", "db:3307 | mesh")
    assert (dependency["resultCode"], dependency["success"]) == ("0", True)
    assert recorded.spans.spans[0].parent_span_id == caller.span_id
    assert "four" not in str(recorded.spans.envelopes())


def test_failed_statement_carries_the_error_number(connection: TracedConnection, recorded: Recorded) -> None:
    with pytest.raises(mysql.connector.ProgrammingError):
        connection.cursor().execute("SELECT * FROM missing")
    assert [(item["resultCode"], item["success"]) for item in dependencies(recorded)] == [("1146", False)]


def test_statement_after_a_failed_one_is_not_its_child(connection: TracedConnection, recorded: Recorded) -> None:
    with recorded.telemetry.span("caller") as caller:
        with pytest.raises(mysql.connector.ProgrammingError):
            connection.cursor().execute("SELECT * FROM missing")
        connection.cursor().execute("SELECT 1")
    failed, next_one = recorded.spans.spans[:2]
    assert failed.parent_span_id == next_one.parent_span_id == caller.span_id


def test_keyword_arguments_of_the_connector_are_accepted(connection: TracedConnection, recorded: Recorded) -> None:
    connection.cursor(dictionary=True).execute(operation="SELECT %s", params=("x",), map_results=False)
    assert dependencies(recorded)[0]["data"] == "SELECT %s"


def test_many_inserts_are_one_dependency_without_values(connection: TracedConnection, recorded: Recorded) -> None:
    connection.cursor().executemany("INSERT INTO t (v) VALUES (%s)", [("secret",)])
    assert [item["data"] for item in dependencies(recorded)] == ["INSERT INTO t (v) VALUES (%s)"]


def test_literals_of_the_statement_are_not_recorded(connection: TracedConnection, recorded: Recorded) -> None:
    connection.cursor().execute("SELECT * FROM t WHERE name = 'secret' AND pin = 4711")
    assert dependencies(recorded)[0]["data"] == "SELECT * FROM t WHERE name = ? AND pin = ?"
    assert "secret" not in str(recorded.spans.spans)


@pytest.mark.parametrize(
    "statement",
    [
        "-- the user's orders\nSELECT * FROM t WHERE card = 'secret'",
        "SELECT * /* of the 'secret' customer */ FROM t WHERE card = 'secret'",
        b"SELECT * FROM t WHERE card = 'secret'",
        bytearray(b"SELECT * FROM t WHERE card = 'secret'"),
    ],
)
def test_statement_with_comments_or_as_bytes_is_recorded_without_values(
    connection: TracedConnection, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, statement: str | bytes
) -> None:
    monkeypatch.setattr(Cursor, "execute", lambda *_args: None)
    connection.cursor().execute(statement)
    assert [item["name"] for item in dependencies(recorded)] == ["SELECT mesh.t"]
    assert "secret" not in str(recorded.spans.envelopes())
    assert "secret" not in str(recorded.spans.spans)


def test_sql_mode_of_the_pool_is_used(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MySQLConnectionPool, "__init__", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(MySQLConnectionPool, "get_connection", lambda _pool: Connection())
    pool = traced_pool(recorded.telemetry, database="mesh", sql_mode="ANSI_QUOTES")
    pool.get_connection().cursor().execute('SELECT * FROM "orders"')
    assert [item["name"] for item in dependencies(recorded)] == ["SELECT mesh.orders"]


def test_procedure_is_a_dependency(connection: TracedConnection, recorded: Recorded) -> None:
    connection.cursor().callproc("tidy_up", (1,))
    assert [item["name"] for item in dependencies(recorded)] == ["CALL mesh"]


def test_other_cursor_methods_are_forwarded(connection: TracedConnection) -> None:
    cursor = connection.cursor()
    assert cursor.fetchall() == list(cursor) == [(1, "four")]


def test_unreferenced_connection_is_released_immediately(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[weakref.ref[Connection]] = []

    def get_connection(_pool: TracedPool) -> Connection:
        connection = Connection()
        connections.append(weakref.ref(connection))
        return connection

    monkeypatch.setattr(MySQLConnectionPool, "__init__", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(MySQLConnectionPool, "get_connection", get_connection)
    gc.disable()
    try:
        connection = traced_pool(recorded.telemetry, database="mesh").get_connection()
        connection.cursor().execute("SELECT 1")
        del connection
        assert connections[0]() is None
    finally:
        gc.enable()


def test_failed_connection_attempt_is_one_failed_dependency(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = 0
    really_connect = MySQLConnection.connect

    def connect(self: MySQLConnection, **options: object) -> None:
        nonlocal attempts
        attempts += bool(options)
        really_connect(self, **options)

    monkeypatch.setattr(MySQLConnection, "connect", connect)
    with pytest.raises(mysql.connector.Error):
        traced_pool(recorded.telemetry, host="127.0.0.1", port=9, database="mesh", pool_size=2, use_pure=True)
    (dependency,) = dependencies(recorded)
    assert (dependency["name"], dependency["target"]) == ("CONNECT mesh", "127.0.0.1:9 | mesh")
    assert (dependency["resultCode"], dependency["success"]) == ("2003", False)
    assert "Can't connect to MySQL server on '127.0.0.1:9'" in dependency["properties"]["error.message"]
    assert attempts == 1


def test_successful_connection_attempt_is_not_recorded(connection: TracedConnection, recorded: Recorded) -> None:
    assert connection is not None
    assert recorded.spans.spans == []


def test_abandoned_connector_is_rejected_when_the_integration_is_imported() -> None:
    program = "import mysql.connector as c; c.__version_info__ = (2, 2, 9, '', 1); import telemetry.integrations.mysql"
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert outcome.returncode == 1
    assert "ImportError: mysql.connector has version 2.2.9" in outcome.stderr
    assert "install mysql-connector-python" in outcome.stderr


def test_unsampled_statement_is_executed(connection: TracedConnection, recorded: Recorded) -> None:
    with recorded.telemetry.operation():
        recorded.telemetry.untraced()
        connection.cursor().execute("SELECT 1")
        with pytest.raises(mysql.connector.ProgrammingError):
            connection.cursor().execute("SELECT * FROM missing")
    assert recorded.spans.spans == []


@pytest.fixture
def duplicate_error(monkeypatch: pytest.MonkeyPatch) -> mysql.connector.Error:
    """Make every statement fail with the server's error for a duplicate value."""
    error = mysql.connector.IntegrityError(
        msg="Duplicate entry 'jo@example.com' for key 'email'", errno=1062, sqlstate="23000"
    )

    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(Cursor, "execute", fail)
    return error


def insert(connection: TracedConnection) -> None:
    connection.cursor().execute("INSERT INTO users (email) VALUES (%s)", ("jo@example.com",))


def test_value_quoted_in_a_server_error_is_not_recorded(
    connection: TracedConnection, recorded: Recorded, duplicate_error: mysql.connector.Error
) -> None:
    logger = logging.getLogger("tested.mysql")
    recorded.telemetry.capture_logs("tested.mysql")
    with pytest.raises(LookupError), recorded.telemetry.span("sign up"):  # noqa: PT012, the code of a service
        try:
            insert(connection)
        except mysql.connector.Error as error:
            logger.exception("sign-up failed")
            message = "already used"
            raise LookupError(message) from error
    sent = [*recorded.spans.envelopes(), *recorded.logs.envelopes, *recorded.spans.spans]
    assert "jo@example.com" in str(duplicate_error)
    assert "jo@example.com" not in str(sent)
    assert dependencies(recorded)[0]["properties"]["error.message"] == "IntegrityError 1062 (23000)"
    assert recorded.logs.items("ExceptionData")[0]["exceptions"][0]["message"] == "IntegrityError 1062 (23000)"


@pytest.mark.usefixtures("duplicate_error")
def test_server_error_text_is_recorded_when_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MySQLConnectionPool, "__init__", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(MySQLConnectionPool, "get_connection", lambda _pool: Connection())
    with RecordedTelemetry("tested", database_error_text=True) as recorded:
        connection = traced_pool(recorded.telemetry, database="mesh").get_connection()
        with pytest.raises(mysql.connector.Error):
            insert(connection)
    (dependency,) = recorded.spans.items("RemoteDependencyData")
    assert dependency["properties"]["error.message"].endswith("Duplicate entry 'jo@example.com' for key 'email'")
