"""A fake MySQL on a list: pool, connection and cursor with the interface of mysql-connector-python."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mysql.connector import Error
from mysql.connector.errors import get_mysql_exception


@dataclass
class FakeMySQL:
    """Executes the three statements of the value table; set one of its errors to make that step fail."""

    rows: list[tuple[int, str, str | None]] = field(default_factory=list)
    statements: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    has_table: bool = False
    opening_error: Exception | None = None
    """Raised while a pool is opened."""
    checkout_error: Exception | None = None
    """Raised while a connection is checked out."""
    statement_error: Exception | None = None
    """Raised by every statement."""
    pools_opened: int = 0
    connections_out: int = 0
    before_checkout: Callable[[], object] = lambda: None

    def open_pool(self) -> "FakePool":
        """Replace `traced_pool`."""
        self.pools_opened += 1
        if self.opening_error:
            raise self.opening_error
        return FakePool(self)


@dataclass
class FakePool:
    """See `FakeMySQL`."""

    mysql: FakeMySQL

    def get_connection(self) -> "FakeConnection":
        """Check out a connection."""
        self.mysql.before_checkout()
        if self.mysql.checkout_error:
            raise self.mysql.checkout_error
        self.mysql.connections_out += 1
        return FakeConnection(self.mysql)


@dataclass
class FakeConnection:
    """See `FakeMySQL`."""

    mysql: FakeMySQL

    def cursor(self) -> "FakeCursor":
        """Return a cursor."""
        return FakeCursor(self.mysql)

    def close(self) -> None:
        """Return to the pool."""
        self.mysql.connections_out -= 1


@dataclass
class FakeCursor:
    """See `FakeMySQL`."""

    mysql: FakeMySQL
    lastrowid: int = 0
    found: list[tuple[int, str, str | None]] = field(default_factory=list)

    def execute(self, operation: str, params: tuple[object, ...] = ()) -> None:
        """Execute one of the three statements."""
        self.mysql.statements.append((operation, params))
        if self.mysql.statement_error:
            raise self.mysql.statement_error
        if operation.strip().startswith("CREATE TABLE"):
            self.mysql.has_table = True
        elif not self.mysql.has_table:
            raise mysql_error(1146, "42S02")
        elif operation.startswith("INSERT"):
            value, operation_id = params
            self.lastrowid = len(self.mysql.rows) + 1
            self.mysql.rows.append((self.lastrowid, str(value), None if operation_id is None else str(operation_id)))
        else:
            (limit,) = params
            self.found = self.mysql.rows[::-1][: int(str(limit))]

    def fetchall(self) -> list[tuple[int, str, str | None]]:
        """Return the rows of the last statement."""
        return self.found

    def close(self) -> None:
        """Do nothing."""


def mysql_error(number: int, state: str) -> Error:
    """Return the exception that the connector raises for an error of the server."""
    error = get_mysql_exception(number, f"error {number}", state)
    assert isinstance(error, Error)
    return error
