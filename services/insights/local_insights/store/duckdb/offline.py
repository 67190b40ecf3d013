"""Reading of a data directory without a server: what is readable of damaged files, and files of earlier versions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_type_hints

import duckdb

from local_insights.model.item import Item
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import OfflineReader, StoreError
from local_insights.store.duckdb.config import COMMON
from local_insights.store.duckdb.data_directory import FILE_NAME, DataDirectory
from local_insights.store.duckdb.errors import open_error
from local_insights.store.duckdb.headers import readable_file
from local_insights.store.duckdb.migration import apply_steps
from local_insights.store.duckdb.recovery import find_damage, scratch_copy
from local_insights.store.duckdb.schema import SCHEMA, InvalidVersionError, Schema, read_version
from local_insights.store.sql.queries import Row

ROWS_PER_READ = 2048
"""The size of DuckDB's vectors: a damaged block makes at least one vector of a column unreadable."""
REQUIRED = ("time_us", "item_type")
"""An item without these fields is not exported."""
_TYPES = {str: ("VARCHAR", "''"), int: ("BIGINT", "1"), float: ("DOUBLE", "NULL"), bool: ("BOOLEAN", "NULL")}
_COLUMNS = (
    "SELECT column_name, data_type FROM duckdb_columns() "
    "WHERE table_name = 'items' AND database_name = current_database()"
)


@contextmanager
def open_offline(directory: Path, schema: Schema = SCHEMA) -> Iterator[OfflineReader]:
    """Open the file of a data directory for reading.

    Raises:
        StoreInUseError: a server uses the directory.
        StoreError: there is no file, or nothing of it can be read.
    """
    path = directory / FILE_NAME
    lock = DataDirectory(directory, shared=True)
    try:
        if not path.is_file():
            message = f"{directory} contains no file {FILE_NAME}"
            raise StoreError(message)
        with readable_file(path) as (readable, file_problems):
            damages = find_damage(readable, COMMON)
            cuts = {damage.log: damage.usable_bytes for damage in damages}
            log_problems = [str(damage).replace(str(readable.parent), str(directory)) for damage in damages]
            with _opened(readable, cuts, schema) as (connection, problems):
                yield _OfflineFile(connection, path, [*file_problems, *log_problems, *problems])
    except duckdb.Error as error:
        raise open_error(path, error) from error
    finally:
        lock.close()


@contextmanager
def _opened(path: Path, cuts: dict[Path, int], schema: Schema) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
    """Provide a connection to the current version of the file, and the problems of its version."""
    problems = []
    with scratch_copy(path, cuts) as copy, duckdb.connect(str(copy), read_only=True, config=COMMON) as connection:
        try:
            version = read_version(connection, path, schema)
        except InvalidVersionError as error:
            version = schema.version
            problems = [str(error).partition(". ")[0]]
        if version in (0, schema.version):
            yield connection, problems
            return
    with scratch_copy(path, cuts, writable=True) as copy, duckdb.connect(str(copy), config=COMMON) as connection:
        apply_steps(connection, version, schema)
        yield connection, problems


class _OfflineFile(OfflineReader):
    """The items of an open file. A file with other columns, or with unreadable blocks, is read as far as possible."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, problems: list[str]) -> None:
        self._connection = connection
        self._path = path
        self._problems = problems
        self._lost_items = 0
        self._incomplete_items = 0
        self._unreadable: dict[str, str] = {}
        """DuckDB's error by field."""

    @property
    def problems(self) -> list[str]:
        problems = list(self._problems)
        if self._lost_items:
            problems.append(f"{self._lost_items:,} items could not be read: {next(iter(self._unreadable.values()))}")
        if self._incomplete_items:
            fields = ", ".join(name for name in self._unreadable if name not in REQUIRED)
            problems.append(f"{self._incomplete_items:,} items were read without the unreadable fields {fields}")
        return problems

    def items(self, time_range: TimeRange) -> Iterator[list[Item]]:
        expressions = self._expressions()
        last = self._connection.execute("SELECT MAX(rowid) FROM items").fetchall()[0][0]
        for start in range(0, 0 if last is None else last + 1, ROWS_PER_READ):
            items = [Item._make(row) for row in self._rows(expressions, start)]
            selected = [item for item in items if time_range.start_us <= item.time_us < time_range.end_us]
            if selected:
                yield selected

    def _expressions(self) -> dict[str, str]:
        """Return the SQL expression of each field: the column, or a default if the file has no such column."""
        found: dict[str, str] = dict(self._connection.execute(_COLUMNS).fetchall())
        if not set(REQUIRED) <= set(found):
            message = f"{self._path} contains no telemetry: it has no table items with {' and '.join(REQUIRED)}"
            raise StoreError(message)
        expressions = {}
        for name, hint in get_type_hints(Item).items():
            data_type, default = _column(hint)
            if found.get(name) == data_type:
                expressions[name] = name
            elif name in found:
                expressions[name] = f"COALESCE(TRY_CAST({name} AS {data_type}), {default})"
            else:
                expressions[name] = default
                self._problems.append(f"the file has no field {name}")
        return expressions

    def _rows(self, expressions: dict[str, str], start: int) -> list[Row]:
        try:
            return self._read(expressions, start)
        except duckdb.Error:
            return self._readable_rows(expressions, start)

    def _readable_rows(self, expressions: dict[str, str], start: int) -> list[Row]:
        """Read rows without the fields whose blocks are damaged."""
        readable = dict(expressions)
        for name, hint in get_type_hints(Item).items():
            try:
                self._read({name: expressions[name]}, start)
            except duckdb.Error as error:
                self._unreadable.setdefault(name, str(error).splitlines()[0])
                readable[name] = _column(hint)[1]
        if any(readable[name] != expressions[name] for name in REQUIRED):
            self._lost_items += len(self._read({"row": "rowid"}, start))
            return []
        rows = self._read(readable, start)
        self._incomplete_items += len(rows)
        return rows

    def _read(self, expressions: dict[str, str], start: int) -> list[Row]:
        columns = ", ".join(expressions.values())
        statement = f"SELECT {columns} FROM items WHERE rowid >= $start AND rowid < $end ORDER BY rowid"  # noqa: S608
        return self._connection.execute(statement, {"start": start, "end": start + ROWS_PER_READ}).fetchall()


def _column(hint: object) -> tuple[str, str]:
    """Return the type of the column of a field, and its value if it is unknown."""
    python = next(python for python in _TYPES if hint in (python, python | None))
    data_type, default = _TYPES[python]
    return data_type, default if hint is python else "NULL"
