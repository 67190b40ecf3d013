"""Deletion of old items, and the space that they take."""

import time

import duckdb

from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.database import Database
from local_insights.store.sql.statements import read_sql

DELETE_BEFORE = read_sql("delete_before", __package__)
USED_BYTES = "SELECT used_blocks * block_size FROM pragma_database_size()"
CHECKPOINT_TIMEOUT_S = 5.0
RETRY_PAUSE_S = 0.05


def delete_before(database: Database, time_us: int) -> int:
    """Delete the items that began earlier, and free their space in the file. Return their number.

    Raises:
        StoreUnavailableError: no item could be deleted.
    """
    with database.cursor() as cursor:
        try:
            (deleted,) = cursor.execute(DELETE_BEFORE, {"before_us": time_us}).fetchall()[0]
            if deleted:
                _checkpoint(cursor)
        except duckdb.Error as error:
            message = f"old items could not be deleted: {error}"
            raise StoreUnavailableError(message) from error
    return int(deleted)


def _checkpoint(cursor: duckdb.DuckDBPyConnection) -> None:
    """Free the space of deleted items. A checkpoint fails during a write, so it is retried."""
    deadline = time.monotonic() + CHECKPOINT_TIMEOUT_S
    while True:
        try:
            cursor.execute("CHECKPOINT")
        except duckdb.TransactionException:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_PAUSE_S)
        else:
            return
