"""The texts of database errors, with classes that have the attributes and the base classes of the drivers."""

import sqlite3

import pytest

from telemetry._internal.errors import exception_details, text_without_values


class Error(Exception):
    """The base class of PEP 249."""


class DatabaseError(Error):
    """The base class of errors that the database raises."""


class IntegrityError(DatabaseError):
    """An error about a value."""


class OperationalError(DatabaseError):
    """An error of the connection."""


class ProgrammingError(DatabaseError):
    """An error of a statement."""


class MySQLError(Exception):
    """The base class of PyMySQL and mysqlclient, also of warnings."""


class StatementError(Exception):
    """SQLAlchemy: the text has the statement and its parameters; `orig` is the error of the driver."""

    def __init__(self, orig: BaseException | None) -> None:
        super().__init__("[SQL: INSERT …] [parameters: ('secret',)]")
        self.orig = orig


def with_attributes(error: Exception, **attributes: object) -> Exception:
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


DUPLICATE = "DETAIL: Key (v)=(secret) already exists"
UNREACHABLE = "connection to server failed: Connection refused"
OracleError = type("OracleError", (), {"full_code": "ORA-00001", "__str__": lambda _self: DUPLICATE})


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (with_attributes(IntegrityError(DUPLICATE), sqlstate="23505"), "IntegrityError (23505)"),  # psycopg
        (with_attributes(IntegrityError(DUPLICATE), pgcode="23505"), "IntegrityError (23505)"),  # psycopg2
        (with_attributes(Exception(DUPLICATE), sqlstate="23505"), "Exception (23505)"),  # asyncpg
        (IntegrityError(1062, DUPLICATE), "IntegrityError 1062"),  # PyMySQL, mysqlclient
        (MySQLError(1366, DUPLICATE), "MySQLError 1366"),
        (IntegrityError("23000", DUPLICATE), "IntegrityError (23000)"),  # pyodbc
        (IntegrityError(OracleError()), "IntegrityError (ORA-00001)"),
        (IntegrityError(DUPLICATE), "IntegrityError"),  # a driver without codes
        (IntegrityError("SECRT"), "IntegrityError"),
        (with_attributes(IntegrityError(DUPLICATE), pgcode=None), "IntegrityError"),
        (
            caused_by(IntegrityError(DUPLICATE), with_attributes(Error(DUPLICATE), sqlstate="23505")),
            "IntegrityError (23505)",  # Django
        ),
        (StatementError(with_attributes(IntegrityError(DUPLICATE), pgcode="23505")), "StatementError (23505)"),
        (StatementError(IntegrityError(1062, DUPLICATE)), "StatementError 1062"),
        (StatementError(None), "StatementError"),
    ],
)
def test_text_of_the_database_is_replaced_by_class_and_codes(error: Exception, text: str) -> None:
    assert text_without_values(error) == text
    assert "secret" not in str([detail["message"] for detail in exception_details(error)])


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (with_attributes(OperationalError(UNREACHABLE), sqlstate=None), UNREACHABLE),
        (with_attributes(OperationalError(UNREACHABLE), pgcode=None), UNREACHABLE),
        (with_attributes(ProgrammingError("2 placeholders, 1 value"), sqlstate=None), "2 placeholders, 1 value"),
        (OperationalError(UNREACHABLE), UNREACHABLE),
        (StatementError(with_attributes(OperationalError(UNREACHABLE), pgcode=None)), UNREACHABLE),
        (
            caused_by(OperationalError(UNREACHABLE), with_attributes(OperationalError(UNREACHABLE), sqlstate=None)),
            UNREACHABLE,
        ),
        (StatementError(TypeError("only date objects")), "only date objects"),
        (type("ClientError", (MySQLError,), {})(2003, UNREACHABLE), f"(2003, '{UNREACHABLE}')"),
        (type("DatabaseError", (Exception,), {})("of an application"), "of an application"),
        (ValueError("plain"), "plain"),
    ],
)
def test_text_of_the_client_is_unchanged(error: Exception, text: str) -> None:
    assert text_without_values(error) == text


def test_errors_of_sqlite_have_no_values() -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (v UNIQUE)")
        connection.execute("INSERT INTO t VALUES ('secret')")
        with pytest.raises(sqlite3.IntegrityError) as duplicate:
            connection.execute("INSERT INTO t VALUES ('secret')")
        with pytest.raises(sqlite3.OperationalError) as unknown:
            connection.execute("SELECT secret")
    connection.close()
    assert text_without_values(duplicate.value) == "IntegrityError (SQLITE_CONSTRAINT_UNIQUE)"
    assert text_without_values(unknown.value) == "OperationalError (SQLITE_ERROR)"
