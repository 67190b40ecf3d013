"""Translation of DuckDB's errors to those of the contract."""

from pathlib import Path

import duckdb

from local_insights.store.contract import QueryTimeoutError, StoreError, StoreUnavailableError


def open_error(path: Path, error: duckdb.Error) -> StoreError:
    """Return the error for a file that cannot be opened, with its cause and the remedy."""
    text = str(error)
    if "lock" in text.lower():
        message = (
            f"{path} is locked by another process: stop it, or choose another directory with --data. "
            f"DuckDB: {text.splitlines()[0]}"
        )
    elif isinstance(error, duckdb.IOException):
        message = (
            f"{path} cannot be opened: check that its directory is writable, or choose another with --data. {text}"
        )
    else:
        message = (
            f"{path} is not a store of this program: move it away, or choose another directory with --data. {text}"
        )
    return StoreError(message)


def query_error(error: duckdb.Error, *, limit_s: float, is_open: bool) -> Exception:
    """Return the error for a query that failed; errors without a counterpart in the contract are returned unchanged.

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
    return error
