"""The MySQL integration of the telemetry library with a real server, that of the mesh."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import hypothesis.strategies as st
import mysql.connector
import pytest
from hypothesis import given, settings

from support.recorded_telemetry import Recorded
from support.running_mesh import RunningMesh
from support.sql_statements import VALUE_MARK, marked_literals, marked_separators
from telemetry.integrations.mysql import TracedPool, traced_pool

OpenPool = Callable[..., TracedPool]

IMPLEMENTATIONS = [True, False] if mysql.connector.HAVE_CEXT else [True]
"""Values of `use_pure`. The connector's C extension needs a newer OpenSSL than some systems have."""


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    recorded = Recorded("tested")
    with recorded.telemetry:
        yield recorded


@pytest.fixture
def open_pool(mesh: RunningMesh, recorded: Recorded) -> OpenPool:
    settings = mesh.settings
    password = (settings.state_dir / "mysql-password").read_text()

    def open_pool(**options: Any) -> TracedPool:  # noqa: ANN401, the connector's own
        defaults: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": settings.mysql_port,
            "user": settings.mysql_user,
            "password": password,
            "database": settings.mysql_database,
            "pool_size": 1,
        }
        return traced_pool(recorded.telemetry, **(defaults | options))

    return open_pool


def dependencies(recorded: Recorded) -> list[tuple[str, str, bool]]:
    """Return name, result code and success of the recorded dependencies."""
    found = recorded.spans.items("RemoteDependencyData")
    return [(item["name"], item["resultCode"], item["success"]) for item in found]


@pytest.mark.parametrize("use_pure", IMPLEMENTATIONS)
def test_statement_is_one_dependency_and_statements_of_the_connector_are_none(
    open_pool: OpenPool, recorded: Recorded, *, use_pure: bool
) -> None:
    pool = open_pool(use_pure=use_pure)
    for _ in range(2):  # the second time the session has been reset
        with closing(pool.get_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("SELECT %s + 1", (3,))
            assert cursor.fetchall() == [(4,)]
    assert dependencies(recorded) == [("SELECT mesh", "0", True)] * 2


@pytest.mark.parametrize("use_pure", IMPLEMENTATIONS)
def test_failed_statement_has_the_servers_error_number_and_is_no_parent(
    open_pool: OpenPool, recorded: Recorded, *, use_pure: bool
) -> None:
    with (
        recorded.telemetry.span("caller") as caller,
        closing(open_pool(use_pure=use_pure).get_connection()) as connection,
        closing(connection.cursor()) as cursor,
    ):
        with pytest.raises(mysql.connector.ProgrammingError):
            cursor.execute("SELECT * FROM missing")
        cursor.execute("SELECT 1")
        cursor.fetchall()
    assert dependencies(recorded)[:2] == [("SELECT mesh.missing", "1146", False), ("SELECT mesh", "0", True)]
    assert {span.parent_span_id for span in recorded.spans.spans[:2]} == {caller.span_id}


def test_executemany_is_one_dependency_without_values(open_pool: OpenPool, recorded: Recorded) -> None:
    with closing(open_pool(autocommit=True).get_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("CREATE TEMPORARY TABLE notes (note VARCHAR(20))")
        cursor.executemany("INSERT INTO notes (note) VALUES (%s)", [("secret one",), ("secret two",)])
        assert cursor.rowcount == 2
    assert [name for name, _, _ in dependencies(recorded)] == ["CREATE mesh.notes", "INSERT mesh.notes"]
    assert "secret" not in str(recorded.spans.envelopes())


def test_exhausted_pool_is_a_failure_to_connect(open_pool: OpenPool, recorded: Recorded) -> None:
    pool = open_pool(pool_size=1)
    with closing(pool.get_connection()), pytest.raises(mysql.connector.PoolError):
        pool.get_connection()
    assert dependencies(recorded) == [("CONNECT mesh", "PoolError", False)]


def test_rejected_login_has_the_servers_error_number(open_pool: OpenPool, recorded: Recorded) -> None:
    with pytest.raises(mysql.connector.Error):
        open_pool(password="wrong")  # noqa: S106 - a wrong password on purpose
    assert dependencies(recorded) == [("CONNECT mesh", "1045", False)]


def test_unknown_collation_is_a_failure_to_connect(open_pool: OpenPool, recorded: Recorded) -> None:
    unknown = _collation_of_the_other_kind(open_pool)
    with pytest.raises(mysql.connector.Error):
        open_pool(collation=unknown)
    assert [(name, success) for name, _, success in dependencies(recorded)][-1] == ("CONNECT mesh", False)


def test_asynchronous_connector_is_not_imported() -> None:
    program = "import sys, telemetry.integrations.mysql; print('mysql.connector.aio' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def _collation_of_the_other_kind(open_pool: OpenPool) -> str:
    """Return a collation of MySQL that MariaDB lacks, or the reverse."""
    with closing(open_pool().get_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SELECT VERSION()")
        ((version,),) = cursor.fetchall()
    return "utf8mb4_0900_ai_ci" if "MariaDB" in version else "utf8mb4_uca1400_ai_ci"


def test_server_and_tokenizer_find_the_same_literals_property(open_pool: OpenPool, recorded: Recorded) -> None:
    columns = st.lists(st.tuples(marked_literals(), marked_separators()), min_size=1, max_size=3)
    with closing(open_pool().get_connection()) as connection, closing(connection.cursor()) as cursor:

        @settings(max_examples=50, deadline=None)
        @given(columns)
        def check(columns: list[tuple[str, str]]) -> None:
            statement = "SELECT " + ", ".join(f"{literal}{separator}" for literal, separator in columns)
            cursor.execute(statement)
            (row,) = cursor.fetchall()
            values = [value.decode() if isinstance(value, bytes | bytearray) else value for value in row]
            assert [VALUE_MARK in value for value in values] == [True] * len(columns)
            text = recorded.spans.items("RemoteDependencyData")[-1]["data"].replace("_utf8mb4 ", "")
            assert "".join(text.split()) == "SELECT" + ",".join("?" * len(columns))

        check()
