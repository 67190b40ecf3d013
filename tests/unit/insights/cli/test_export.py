"""The command `insights export --data`."""

import gzip
from pathlib import Path

import anyio
import duckdb
from click.testing import CliRunner, Result

from local_insights.backup.envelopes import envelope_line
from local_insights.main import command_line
from local_insights.store.duckdb.data_directory import FILE_NAME
from local_insights.store.duckdb.store import DuckDBStore
from support.items import request

ITEM = request("frontend", "a1")


def export(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command_line(), ["export", *map(str, arguments)])


def fill(directory: Path) -> None:
    store = DuckDBStore(directory)
    anyio.run(store.append, [ITEM])
    store.close()


def test_items_of_a_directory_are_written(tmp_path: Path) -> None:
    fill(tmp_path / "data")
    result = export("--data", tmp_path / "data", tmp_path / "out.gz")
    assert (result.exit_code, result.stderr) == (0, f"Wrote {tmp_path}/out.gz, 1 items.\n")
    assert gzip.decompress((tmp_path / "out.gz").read_bytes()) == envelope_line(ITEM)
    assert (tmp_path / "out.gz").stat().st_mode & 0o777 == 0o600


def test_since_limits_the_items(tmp_path: Path) -> None:
    fill(tmp_path)
    assert "Wrote -, 0 items." in export("--data", tmp_path, "--since", "1m", "-").stderr
    result = export("--data", tmp_path, "--since", "yesterday", "-")
    assert result.exit_code == 1
    assert "Expected since=" in result.stderr


def test_incomplete_export_is_written_and_ends_with_exit_code_1(tmp_path: Path) -> None:
    fill(tmp_path)
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        connection.execute("ALTER TABLE items DROP sdk_version")
    result = export("--data", tmp_path, tmp_path / "out.gz")
    assert result.exit_code == 1
    assert "The export is incomplete: the file has no field sdk_version." in result.stderr
    assert gzip.decompress((tmp_path / "out.gz").read_bytes()) == envelope_line(ITEM)


def test_directory_in_use_is_rejected_with_the_command_for_the_server(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    result = export("--data", tmp_path, "--server", "http://127.0.0.1:9", "out.gz")
    store.close()
    assert result.exit_code == 1
    assert "insights export --server http://127.0.0.1:9 out.gz" in result.stderr


def test_file_that_cannot_be_read_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("no database")
    result = export("--data", tmp_path, tmp_path / "out.gz")
    assert result.exit_code == 1
    assert f"nothing of {tmp_path / FILE_NAME} can be read: it is not a DuckDB file" in result.stderr
    assert not (tmp_path / "out.gz").exists()
