"""Reading of a data directory without a server: other versions, other columns, damaged blocks."""

import random
from pathlib import Path

import anyio
import duckdb
import pytest

from local_insights.model.item import Item
from local_insights.model.time_range import ALL_TIME, TimeRange
from local_insights.store.contract import StoreError, StoreInUseError
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.offline import ROWS_PER_READ, open_offline
from local_insights.store.duckdb.schema import SCHEMA, Schema
from local_insights.store.duckdb.store import DuckDBStore
from support.items import NOON_US, call, request

ITEMS = [
    request("frontend", "a1", result_code="200", value=1.5, properties_json='{"a": "b"}'),
    call("frontend", "b1", parent="a1", time_us=NOON_US + 1),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with `ITEMS`."""
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, ITEMS)
    store.close()
    return tmp_path


def change(directory: Path, statements: str) -> None:
    with duckdb.connect(str(directory / FILE_NAME)) as connection:
        connection.execute(statements)


def read(directory: Path, schema: Schema = SCHEMA, time_range: TimeRange = ALL_TIME) -> tuple[list[Item], list[str]]:
    """Return the items and problems, and check that nothing in the directory was changed."""
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    with open_offline(directory, schema) as reader:
        items = [item for chunk in reader.items(time_range) for item in chunk]
        problems = list(reader.problems)
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before
    return items, problems


def test_all_items_are_read(data: Path) -> None:
    assert read(data) == (ITEMS, [])


def test_time_range_limits_the_items(data: Path) -> None:
    assert read(data, time_range=TimeRange(NOON_US, NOON_US + 1)) == (ITEMS[:1], [])


def test_file_of_an_earlier_version_is_read_with_its_migration(data: Path) -> None:
    newer = Schema(SCHEMA.create_sql, (*SCHEMA.steps, "UPDATE items SET role = UPPER(role)"))
    assert read(data, newer) == ([item._replace(role="FRONTEND") for item in ITEMS], [])


def test_newer_version_is_rejected(data: Path) -> None:
    change(data, "UPDATE schema_version SET version = 99")
    with pytest.raises(StoreError, match="of a newer Local Insights"):
        read(data)


def test_file_without_a_version_is_read(data: Path) -> None:
    change(data, "DELETE FROM schema_version")
    items, (problem,) = read(data)
    assert items == ITEMS
    assert "no valid schema version" in problem


def test_missing_and_other_columns_are_read_as_far_as_possible(data: Path) -> None:
    change(
        data,
        "ALTER TABLE items DROP result_code; ALTER TABLE items DROP value; ALTER TABLE items DROP item_count;"
        "ALTER TABLE items ADD extra VARCHAR; ALTER TABLE items ALTER duration_us TYPE VARCHAR",
    )
    items, problems = read(data)
    assert items == [item._replace(result_code="", value=None) for item in ITEMS]
    assert problems == [f"the file has no field {name}" for name in ("item_count", "result_code", "value")]


@pytest.mark.parametrize("statement", ["DROP TABLE items", "ALTER TABLE items DROP time_us"])
def test_file_without_telemetry_is_rejected(data: Path, statement: str) -> None:
    change(data, statement)
    with pytest.raises(StoreError, match="contains no telemetry"):
        read(data)


def test_directory_without_a_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"contains no file {FILE_NAME}"):
        read(tmp_path)
    with pytest.raises(StoreError, match="No such file or directory"), open_offline(tmp_path / "missing"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_directory_of_a_running_server_is_rejected(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    with pytest.raises(StoreInUseError), open_offline(tmp_path):
        pass
    store.close()
    with open_offline(tmp_path), pytest.raises(StoreInUseError):
        DuckDBStore(tmp_path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Item]]:
    """A data directory with several vectors of texts that do not compress well."""
    directory = tmp_path_factory.mktemp("large")
    texts = random.Random(1)  # noqa: S311 (the same texts in every run)
    items = [
        call("frontend", f"b{number}", data=texts.randbytes(500).hex(), time_us=NOON_US + number)
        for number in range(4 * ROWS_PER_READ)
    ]
    store = DuckDBStore(directory)
    anyio.run(store.append, items)
    store.close()
    return directory / FILE_NAME, items


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_items_outside_of_a_damaged_block_are_read(
    large: tuple[Path, list[Item]], tmp_path: Path, share: float
) -> None:
    file, items = large
    content = bytearray(file.read_bytes())
    offset = int(share * len(content))
    content[offset : offset + 64] = bytes(byte ^ 0xFF for byte in content[offset : offset + 64])
    (tmp_path / FILE_NAME).write_bytes(content)

    found, problems = read(tmp_path)

    whole = set(items)
    incomplete = [item for item in found if item not in whole]
    lost = len(items) - len(found)
    assert {item._replace(data="") for item in incomplete} <= {item._replace(data="") for item in items}
    assert all(item.data == "" for item in incomplete)
    assert problems
    assert lost or f"{len(incomplete):,} items were read without the unreadable fields data" in problems
    assert not lost or any(problem.startswith(f"{lost:,} items could not be read: ") for problem in problems)


@pytest.mark.parametrize(
    ("position", "header"), [(0, "the main header"), (4096, "second header"), (8192, "first header")]
)
def test_file_with_a_damaged_header_is_read_with_another_one(data: Path, position: int, header: str) -> None:
    later = [item._replace(time_us=item.time_us + 1) for item in ITEMS]
    store = DuckDBStore(data)
    anyio.run(store.append, later)
    store.close()
    with (data / FILE_NAME).open("r+b") as file:
        file.seek(position)
        file.write(b"#" * 64)

    items, (problem,) = read(data)

    assert items in (ITEMS, ITEMS + later)  # an earlier checkpoint, or the last one
    assert f"{data / FILE_NAME} is damaged" in problem
    assert header in problem
