"""Items that leave the store, and the space that they free."""

import time

import duckdb

from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.database import Database
from local_insights.store.sql.queries import Queries
from local_insights.store.sql.statements import read_sql

DELETE = read_sql("delete")
RETENTION_CUTOFF = read_sql("retention_cutoff")
USED_BYTES = "SELECT used_blocks * block_size FROM pragma_database_size()"
CHECKPOINT_WITHIN_S = 5.0
PAUSE_S = 0.05


def delete_before(database: Database, time_us: int) -> int:
    """Remove the items that began earlier, and let new ones have their place in the file.

    Raises:
        StoreUnavailableError: nothing could be removed.
    """
    with database.cursor() as cursor:
        try:
            (forgotten,) = cursor.execute(DELETE, {"before_us": time_us}).fetchall()[0]
            if forgotten:
                _checkpoint(cursor)
        except duckdb.Error as error:
            message = f"old items could not be removed: {error}"
            raise StoreUnavailableError(message) from error
    return int(forgotten)


def retention_cutoff(queries: Queries, share: float) -> int | None:
    """See the contract."""
    ((time_us,),) = queries.ask(RETENTION_CUTOFF, {"removed": 1 - share})
    return None if time_us is None else int(time_us)


def used_bytes(queries: Queries) -> int:
    """See the contract."""
    ((used,),) = queries.ask(USED_BYTES, {})
    return int(used)


def _checkpoint(cursor: duckdb.DuckDBPyConnection) -> None:
    """Only a checkpoint frees space; it takes a moment in which nothing is being written."""
    deadline = time.monotonic() + CHECKPOINT_WITHIN_S
    while True:
        try:
            cursor.execute("CHECKPOINT")
        except duckdb.TransactionException:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)
        else:
            return
