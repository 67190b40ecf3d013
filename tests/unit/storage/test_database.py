"""An unavailable database: every failure is reported in bounded time, and the database is used again afterwards."""

import threading
import time

import pytest
from mysql.connector import InterfaceError
from mysql.connector.errors import ConnectionTimeoutError, ReadTimeoutError

from storage.database import Database, DatabaseUnavailableError
from support.fake_mysql import FakeMySQL, mysql_error


def use(database: Database) -> None:
    with database.connection() as connection:
        connection.cursor().execute("CREATE TABLE t")


def connection_refused() -> InterfaceError:
    return InterfaceError(errno=2003, msg="Can't connect to MySQL server on 'db:3306'")


def test_nothing_is_connected_before_it_is_needed() -> None:
    mysql = FakeMySQL(opening_error=connection_refused())
    Database(mysql.open_pool, 2)
    assert mysql.pools_opened == 0


def test_one_pool_serves_all_callers() -> None:
    mysql = FakeMySQL()
    database = Database(mysql.open_pool, 2)
    for _ in range(3):
        use(database)
    assert (mysql.pools_opened, mysql.connections_out) == (1, 0)


def test_database_that_starts_later_is_used() -> None:
    mysql = FakeMySQL(opening_error=connection_refused())
    database = Database(mysql.open_pool, 2)
    with pytest.raises(DatabaseUnavailableError):
        use(database)
    mysql.opening_error = None
    use(database)


def test_pool_that_cannot_connect_is_replaced() -> None:
    """A pool loses each connection that receives bytes other than MySQL's protocol, and would run out of them."""
    mysql = FakeMySQL()
    database = Database(mysql.open_pool, 2)
    use(database)
    mysql.checkout_error = IndexError("bytearray index out of range")
    with pytest.raises(DatabaseUnavailableError):
        use(database)
    mysql.checkout_error = None
    use(database)
    assert mysql.pools_opened == 2


def test_failed_statement_returns_the_connection_to_the_pool() -> None:
    mysql = FakeMySQL(statement_error=ReadTimeoutError(errno=3024, msg="timed out"))
    database = Database(mysql.open_pool, 1)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailableError):
            use(database)
    assert mysql.connections_out == 0


@pytest.mark.parametrize(("number", "state"), [(1064, "42000"), (1406, "22001"), (1062, "23000")])
def test_error_in_a_statement_is_raised_unchanged(number: int, state: str) -> None:
    error = mysql_error(number, state)
    mysql = FakeMySQL(statement_error=error)
    with pytest.raises(type(error)) as raised:
        use(Database(mysql.open_pool, 1))
    assert raised.value is error
    assert mysql.connections_out == 0


def test_caller_without_a_free_connection_times_out() -> None:
    database = Database(FakeMySQL().open_pool, size=1, wait_s=0.05)
    with database.connection():
        started_s = time.monotonic()
        with pytest.raises(DatabaseUnavailableError, match="busy"):
            use(database)
    assert 0.05 <= time.monotonic() - started_s < 1.0
    use(database)


def test_caller_behind_an_unresponsive_connection_times_out() -> None:
    hanging, released = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        released.wait(timeout=10)

    mysql = FakeMySQL(before_checkout=hang)
    database = Database(mysql.open_pool, size=2, wait_s=0.05)
    first = threading.Thread(target=use, args=(database,))
    first.start()
    assert hanging.wait(timeout=10)
    with pytest.raises(DatabaseUnavailableError, match="being tested"):
        use(database)
    released.set()
    first.join(timeout=10)
    use(database)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (connection_refused(), "it is unreachable"),
        (ConnectionTimeoutError(errno=3024, msg="The Read Operation timed out."), "it does not respond"),
        (InterfaceError(errno=2013, msg="Lost connection to MySQL server during query"), "it closed the connection"),
        (mysql_error(1045, "28000"), "it rejects the user or the database (error 1045); check the MYSQL_ settings"),
        (mysql_error(1049, "42000"), "it rejects the user or the database (error 1049); check the MYSQL_ settings"),
        (mysql_error(1040, "08004"), "OperationalError 1040"),
        (IndexError("bytearray index out of range"), "IndexError"),
    ],
)
def test_error_has_a_short_reason(error: Exception, reason: str) -> None:
    with pytest.raises(DatabaseUnavailableError) as raised:
        use(Database(FakeMySQL(checkout_error=error).open_pool, 1))
    assert str(raised.value) == reason


def test_cause_of_a_failed_reconnection_is_the_reason() -> None:
    error = InterfaceError("Can not reconnect to MySQL after 1 attempt(s)")
    error.__cause__ = connection_refused()
    with pytest.raises(DatabaseUnavailableError, match="it is unreachable"):
        use(Database(FakeMySQL(checkout_error=error).open_pool, 1))
