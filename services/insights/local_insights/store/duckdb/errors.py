"""Translation of DuckDB's errors to those of the contract."""

from pathlib import Path

import duckdb

from local_insights.store.contract import (
    QueryFailedError,
    QueryTimeoutError,
    StoreError,
    StoreInUseError,
    StoreUnavailableError,
)

_LOCKED = "IO Error: Could not set lock on file"
"""The beginning of DuckDB's message when another process has the file open. It has no exception class of its own."""
_COMMITTED = "COMMIT succeeded and is durable"
"""Part of DuckDB's message when the checkpoint after a commit failed. It has no exception class of its own."""
_MAGIC_OFFSET = 8
_MAGIC = b"DUCK"


def open_error(path: Path, error: duckdb.Error) -> StoreError:
    """Return the error for a file that cannot be opened, with its cause and the remedy.

    The state of the file determines the cause, because DuckDB's exception classes do not distinguish them.
    """
    text = str(error).splitlines()[0]
    if text.startswith(_LOCKED):
        return StoreInUseError(
            f"{path} is locked by another process: stop it, or choose another directory with --data. DuckDB: {text}"
        )
    try:
        path.open("r+b").close()
        cause = file_cause(path)
    except OSError as failure:
        return StoreError(
            f"{path} cannot be opened ({failure.strerror}): check the path and its permissions, or choose another "
            f"directory with --data. DuckDB: {text}"
        )
    log = path.with_name(f"{path.name}.wal")
    files = f"{path} and {log} together" if log.exists() else f"{path}"
    return StoreError(
        f"{path} {cause}. To export what is readable: insights export --data {path.parent} FILE. Then move {files} "
        f"away, or choose another directory with --data. DuckDB: {text}"
    )


def file_cause(path: Path) -> str:
    """Return the reason for which a file cannot be opened, as the end of a sentence that begins with its name.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        beginning = file.read(_MAGIC_OFFSET + len(_MAGIC))
    if beginning[_MAGIC_OFFSET:] == _MAGIC:
        return "is damaged, or of a newer version"
    return "is a SQLite file, not a DuckDB file" if beginning.startswith(b"SQLite") else "is not a DuckDB file"


def is_committed(error: duckdb.Error) -> bool:
    """Return True if the transaction that raised the error is committed and durable: only the checkpoint failed."""
    return _COMMITTED in str(error)


def query_error(error: duckdb.Error, *, limit_s: float, is_open: bool) -> StoreError:
    """Return the error of the contract for a query that failed.

    Args:
        error: the error that DuckDB raised.
        limit_s: the time limit of the query, in seconds.
        is_open: whether the database is still open.
    """
    if isinstance(error, duckdb.InterruptException):
        if not is_open:
            return StoreUnavailableError("the store was closed during the query")
        return QueryTimeoutError(f"query exceeded {limit_s:g} s: use a shorter time range")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryTimeoutError("query needs more memory than the store may use: use a shorter time range")
    if isinstance(error, duckdb.ConnectionException | duckdb.FatalException):
        return StoreUnavailableError("store is reopening: retry")
    return QueryFailedError(
        "the store could not execute the query. If its file is damaged, other time ranges may still be readable, and "
        "`insights export --data` reads the rest after the server was stopped. "
        f"DuckDB: {str(error).splitlines()[0]}"
    )
