"""Files of other schema versions: migrated, or rejected with the remedy; the columns are checked."""

import subprocess
import sys
import time
from pathlib import Path

import anyio
import duckdb
import pytest

from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import StoreError
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.database import Database
from local_insights.store.duckdb.migration import COPY_SUFFIX
from local_insights.store.duckdb.schema import SCHEMA, Schema
from local_insights.store.duckdb.store import DuckDBStore
from support.items import ALL_ITEMS, call, request

ITEMS = [request("frontend", "a1", data="GET"), call("frontend", "b1", parent="a1")]
VERSION_1 = Path(__file__).with_name("schema_version_1.sql").read_text("utf-8")
ADD_COLUMN = "ALTER TABLE items ADD COLUMN color VARCHAR DEFAULT 'red'"
DROP_COLUMN = "ALTER TABLE items DROP COLUMN sent_json; UPDATE items SET name = UPPER(name)"
SYNTHETIC = Schema(f"{VERSION_1}; {ADD_COLUMN}; {DROP_COLUMN}", (ADD_COLUMN, DROP_COLUMN))
"""A schema of version 3."""


def file_of_version_1(directory: Path) -> Path:
    """Return a closed file with `ITEMS`, whose tables were created by the statements of version 1."""
    with duckdb.connect(str(directory / FILE_NAME)) as connection:
        connection.execute(VERSION_1)
        connection.execute("INSERT INTO schema_version VALUES (1)")
        columns = [row[0] for row in connection.execute("DESCRIBE items").fetchall()]
        for item in ITEMS:
            values = {**item._asdict(), "bucket": 1, "span_key": 1, "parent_key": 1, "in_process": False}
            connection.table("items").insert([values[column] for column in columns])
    return directory / FILE_NAME


def change(directory: Path, *statements: str) -> None:
    with duckdb.connect(str(directory / FILE_NAME)) as connection:
        for statement in statements:
            connection.execute(statement)


def rejection(directory: Path, schema: Schema = SCHEMA) -> str:
    """Return the message of the error, and check that the file has the same content as before."""
    content = (directory / FILE_NAME).read_bytes()
    with pytest.raises(StoreError) as error:
        Database(directory, 512, schema).close()
    assert (directory / FILE_NAME).read_bytes() == content
    assert [path.name for path in directory.iterdir()] == [FILE_NAME]
    return str(error.value)


def test_file_of_version_1_is_migrated_to_the_columns_of_a_new_file(tmp_path: Path) -> None:
    file_of_version_1(tmp_path)
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, ITEMS)
    assert [item for _, item in store.stored_items(-1, ALL_TIME, ALL_ITEMS)] == ITEMS * 2
    store.close()


@pytest.mark.parametrize("first", [1, 2])
def test_file_of_an_earlier_version_is_migrated(tmp_path: Path, first: int) -> None:
    file_of_version_1(tmp_path)
    if first == 2:
        change(tmp_path, ADD_COLUMN, "UPDATE schema_version SET version = 2")

    for _ in range(2):
        database = Database(tmp_path, 512, SYNTHETIC)
        with database.cursor() as cursor:
            assert cursor.execute("SELECT name, color FROM items").fetchall() == [
                (item.name.upper(), "red") for item in ITEMS
            ]
            assert cursor.execute("SELECT version FROM schema_version").fetchall() == [(3,)]
        database.close()

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_items_that_are_only_in_the_log_are_migrated(tmp_path: Path) -> None:
    file = file_of_version_1(tmp_path)
    killed_writer(file, "UPDATE items SET role = 'backend'")
    assert file.with_name(f"{FILE_NAME}.wal").stat().st_size

    database = Database(tmp_path, 512, SYNTHETIC)
    with database.cursor() as cursor:
        assert cursor.execute("SELECT DISTINCT role, color FROM items").fetchall() == [("backend", "red")]
    database.close()


def killed_writer(file: Path, statement: str) -> None:
    """Run a statement in a process that ends without closing the file."""
    program = f"import duckdb, os; file = duckdb.connect({str(file)!r}); file.execute({statement!r}); os._exit(0)"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "step", ["ALTER TABLE items ADD COLUMN", "UPDATE items SET name = CAST(name AS BIGINT)", "SELECT 1"]
)
def test_file_is_unchanged_after_a_migration_that_failed(tmp_path: Path, step: str) -> None:
    file_of_version_1(tmp_path)
    failing = Schema(SYNTHETIC.create_sql, (ADD_COLUMN, step))
    assert "could not be migrated to version 3" in rejection(tmp_path, failing)
    Database(tmp_path, 512, SYNTHETIC).close()


def test_killed_migration_is_repeated_by_the_next_start(tmp_path: Path) -> None:
    file_of_version_1(tmp_path)
    endless = "UPDATE items SET name = (SELECT SUM(a.range * b.range) FROM range(10000000) a, range(10000000) b)"
    program = f"""
from pathlib import Path
from local_insights.store.duckdb.database import Database
from local_insights.store.duckdb.schema import Schema
Database(Path({str(tmp_path)!r}), 512, Schema("", ({ADD_COLUMN!r}, {endless!r})))
"""
    killed = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 30
    while not (tmp_path / f"{FILE_NAME}{COPY_SUFFIX}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.kill()
    killed.wait()

    database = Database(tmp_path, 512, SYNTHETIC)
    with database.cursor() as cursor:
        assert cursor.execute("SELECT COUNT(color) FROM items").fetchall() == [(len(ITEMS),)]
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_rest_of_an_interrupted_migration_is_deleted(tmp_path: Path) -> None:
    file = file_of_version_1(tmp_path)
    for suffix in (COPY_SUFFIX, f"{COPY_SUFFIX}.wal"):
        file.with_name(f"{FILE_NAME}{suffix}").write_bytes(b"half of a copy")
    DuckDBStore(tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_newer_version_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    file_of_version_1(tmp_path)
    change(tmp_path, "UPDATE schema_version SET version = 99")
    message = rejection(tmp_path)
    assert "schema version 99, of a newer Local Insights" in message
    assert f"insights export --data {tmp_path} FILE" in message


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM schema_version", "no row"),
        ("INSERT INTO schema_version VALUES (1)", "1, 1"),
        ("UPDATE schema_version SET version = 0", "0"),
    ],
)
def test_file_without_a_valid_version_is_rejected(tmp_path: Path, statement: str, found: str) -> None:
    file_of_version_1(tmp_path)
    change(tmp_path, statement)
    assert f"no valid schema version (table schema_version: {found})" in rejection(tmp_path)


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("ALTER TABLE items DROP COLUMN sdk_version", "items.sdk_version is missing"),
        ("ALTER TABLE items ADD COLUMN extra VARCHAR", "items.extra is not expected"),
        ("ALTER TABLE items ALTER COLUMN value TYPE VARCHAR", "items.value is VARCHAR instead of DOUBLE"),
        ("DROP TABLE items", "schema version 1: table items is missing. "),
    ],
)
def test_file_with_other_columns_is_rejected(tmp_path: Path, statement: str, difference: str) -> None:
    file_of_version_1(tmp_path)
    change(tmp_path, statement)
    assert difference in rejection(tmp_path)


def test_database_of_another_program_is_rejected(tmp_path: Path) -> None:
    change(tmp_path, "CREATE TABLE orders (id INTEGER)")
    assert "database of another program (tables: orders)" in rejection(tmp_path)


def test_second_server_is_rejected_even_if_the_file_was_removed(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(StoreError, match=r"locked by another process.*--data"):
        DuckDBStore(tmp_path)
    store.close()
    DuckDBStore(tmp_path).close()
