"""The table of values: all SQL of the service."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final

from mysql.connector import ProgrammingError
from mysql.connector.errorcode import ER_NO_SUCH_TABLE

from storage.database import Cursor, Database, DatabaseUnavailableError

# Character sets are named, collations are not: the defaults of MySQL and MariaDB differ, and neither has the other's
# newest collation. Lengths are in characters, so 1,000 emoji fit.
CREATE_TABLE: Final = """
CREATE TABLE IF NOT EXISTS entered_values (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    value VARCHAR(1000) NOT NULL,
    operation_id CHAR(32) CHARACTER SET ascii NULL,
    entered_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) CHARACTER SET utf8mb4
"""
INSERT_VALUE: Final = "INSERT INTO entered_values (value, operation_id) VALUES (%s, %s)"
SELECT_NEWEST: Final = "SELECT id, value, operation_id FROM entered_values ORDER BY id DESC LIMIT %s"


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A value with its id."""

    id: int
    value: str
    operation_id: str | None
    """The operation (trace) that stored it; None if it was not traced."""


class ValueTable:
    """The stored values. All methods block, and raise `DatabaseUnavailableError` while the database is unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._exists = False

    def create(self) -> None:
        """Create the table if it does not exist."""
        with self._cursor():
            pass

    def insert(self, value: str, operation_id: str | None) -> StoredValue:
        """Store a value durably under the next id."""
        with self._cursor() as cursor:
            cursor.execute(INSERT_VALUE, (value, operation_id))
            return StoredValue(id=cursor.lastrowid, value=value, operation_id=operation_id)

    def newest(self, limit: int) -> list[StoredValue]:
        """Return the latest values, newest first; at most `limit`."""
        with self._cursor() as cursor:
            cursor.execute(SELECT_NEWEST, (limit,))
            return [StoredValue(*row) for row in cursor.fetchall()]

    def ping(self) -> None:
        """Return if the database responds. It executes no statement, so a health check creates no span."""
        with self._database.connection():
            pass

    @contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        """Return a cursor on a database that has the table."""
        with self._database.connection() as connection, closing(connection.cursor()) as cursor:
            try:
                if not self._exists:
                    cursor.execute(CREATE_TABLE)
                    self._exists = True
                yield cursor
            except ProgrammingError as error:
                if error.errno != ER_NO_SUCH_TABLE:
                    raise
                self._exists = False
                message = "the table is missing; the next request creates it"
                raise DatabaseUnavailableError(message) from error
