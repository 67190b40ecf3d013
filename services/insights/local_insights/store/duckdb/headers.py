"""Reading of a file with a damaged header.

A file begins with a main header, which identifies it, and two headers of checkpoints, which are written alternately.
DuckDB uses the newer one, but opens no file in which one of the three is damaged.

Reference:
    "Storage Versions and Format", documentation of DuckDB; src/storage/single_file_block_manager.cpp.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from local_insights.store.contract import StoreError, StoreInUseError
from local_insights.store.duckdb.config import COMMON
from local_insights.store.duckdb.errors import file_cause, open_error
from local_insights.store.duckdb.log import log_files
from local_insights.store.duckdb.recovery import NO_TABLE, count_items, scratch_copy

HEADER_SIZE = 4096
_MAIN, _FIRST, _SECOND = 0, HEADER_SIZE, 2 * HEADER_SIZE


@contextmanager
def readable_file(path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Provide a path that DuckDB opens: the file, or a copy with a replaced header; and the problems of the file.

    Raises:
        StoreError: no header makes the file readable.
    """
    try:
        with scratch_copy(path, dict.fromkeys(log_files(path), 0)) as copy:
            duckdb.connect(str(copy), read_only=True, config=COMMON).close()
    except duckdb.Error as error:
        failure = open_error(path, error)
        if isinstance(failure, StoreInUseError):
            raise failure from error
        message = f"nothing of {path} can be read: it {file_cause(path)}. DuckDB: {str(error).splitlines()[0]}"
    else:
        yield path, []
        return
    for source, repair in _REPAIRS.items():
        with scratch_copy(path, {}, writable=True) as copy:
            repair(copy)
            if count_items(copy, dict.fromkeys(log_files(copy), 0), COMMON) not in (None, NO_TABLE):
                yield copy, [f"{path} is damaged: it was read with {source}"]
                return
    raise StoreError(message)


def _replace_main_header(file: Path) -> None:
    other = file.with_name("new.duckdb")
    duckdb.connect(str(other), config=COMMON).close()
    _write(file, _MAIN, _read(other, _MAIN))


_REPAIRS: dict[str, Callable[[Path], None]] = {
    "the main header of a new file": _replace_main_header,
    "its first header, possibly of an earlier checkpoint": lambda file: _write(file, _SECOND, _read(file, _FIRST)),
    "its second header, possibly of an earlier checkpoint": lambda file: _write(file, _FIRST, _read(file, _SECOND)),
}
"""Changes to a copy, by the header with which it is then read."""


def _read(file: Path, position: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(position)
        return opened.read(HEADER_SIZE)


def _write(file: Path, position: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(position)
        opened.write(content)
