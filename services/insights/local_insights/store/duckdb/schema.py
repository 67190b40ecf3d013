"""The schema of the file: creation, version, check of the columns.

To change the schema, change `schema.sql` and add one step to `SCHEMA` that brings a file of the previous version to it.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from local_insights.store.contract import StoreError
from local_insights.store.sql.statements import read_sql

_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
_COLUMNS = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = $database"
_EXPECTED = "expected_schema"


class InvalidVersionError(StoreError):
    """The table of the version does not contain one valid version."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The current schema, and the steps from the first version to it."""

    create_sql: str
    """Statements that create all tables of the current version in an empty file."""
    steps: tuple[str, ...] = ()
    """Statements of each migration, the oldest first: the first step changes version 1 to version 2."""

    @property
    def version(self) -> int:
        """The current version."""
        return 1 + len(self.steps)


SCHEMA = Schema(read_sql("schema", __package__))


def create_tables(connection: duckdb.DuckDBPyConnection, schema: Schema) -> None:
    """Create the tables of the current version in an empty file."""
    connection.begin()
    connection.execute(schema.create_sql)
    connection.execute("INSERT INTO schema_version VALUES (?)", [schema.version])
    connection.commit()


def read_version(connection: duckdb.DuckDBPyConnection, path: Path, schema: Schema) -> int:
    """Return the schema version of a file, at most the current one; 0 if the file has no tables.

    Raises:
        InvalidVersionError: the file has no version, or several.
        StoreError: the file belongs to another program, or has a newer version.
    """
    tables = {name for (name,) in connection.execute(_TABLES).fetchall()}
    if not tables:
        return 0
    if "schema_version" not in tables:
        message = (
            f"{path} is a database of another program (tables: {', '.join(sorted(tables))}): choose another directory "
            "with --data"
        )
        raise StoreError(message)
    versions = [version for (version,) in connection.execute("SELECT version FROM schema_version").fetchall()]
    if len(versions) != 1 or versions[0] is None or versions[0] < 1:
        found = ", ".join(map(str, versions)) or "no row"
        message = (
            f"{path} has no valid schema version (table schema_version: {found}). Its telemetry may still be readable: "
            f"{_export(path)}. Then move {path} away, or choose another directory with --data"
        )
        raise InvalidVersionError(message)
    if versions[0] > schema.version:
        message = (
            f"{path} has schema version {versions[0]}, of a newer Local Insights; this program reads versions up to "
            f"{schema.version}. Start the newer program, or export the telemetry with it ({_export(path)}) and start "
            "this program with another directory (--data). The file is unchanged"
        )
        raise StoreError(message)
    return int(versions[0])


def require_columns(connection: duckdb.DuckDBPyConnection, path: Path, schema: Schema) -> None:
    """Return if the tables have the columns of the schema, in any order.

    Raises:
        StoreError: a column is missing, additional, or of another type; the text names each of them.
    """
    database = connection.execute("SELECT current_database()").fetchall()[0][0]
    connection.execute(f"ATTACH ':memory:' AS {_EXPECTED}")
    try:
        connection.execute(f"USE {_EXPECTED}; {schema.create_sql}")
        expected = _columns(connection, _EXPECTED)
    finally:
        connection.execute(f'USE "{database}"; DETACH {_EXPECTED}')
    differences = _differences(expected, _columns(connection, database))
    if differences:
        message = (
            f"{path} does not have the columns of schema version {schema.version}: {'; '.join(differences)}. Its "
            f"telemetry may still be readable: {_export(path)}. Then move {path} away, or choose another directory "
            "with --data"
        )
        raise StoreError(message)


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """Return the type of each column, by `table.column`."""
    rows = connection.execute(_COLUMNS, {"database": database}).fetchall()
    return {f"{table}.{column}": data_type for table, column, data_type in rows}


def _differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    tables = {name.partition(".")[0] for name in expected} - {name.partition(".")[0] for name in found}
    missing = [f"table {table} is missing" for table in sorted(tables)]
    missing += [f"{name} is missing" for name in expected if name not in found and name.partition(".")[0] not in tables]
    additional = [f"{name} is not expected" for name in found if name not in expected]
    other = [
        f"{name} is {found[name]} instead of {data_type}"
        for name, data_type in expected.items()
        if name in found and found[name] != data_type
    ]
    return missing + additional + other


def _export(path: Path) -> str:
    return f"insights export --data {path.parent} FILE"
