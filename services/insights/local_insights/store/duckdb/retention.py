"""Deletion of old items, and the space that they take."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.database import Database
from local_insights.store.sql.statements import read_sql

DELETE_BEFORE = read_sql("delete_before", __package__)
DELETE_OLDEST = read_sql("delete_oldest", __package__)
COUNT = "SELECT COUNT(*) FROM items"
USED_BYTES = "SELECT used_blocks * block_size FROM pragma_database_size()"
CHECKPOINT_TIMEOUT_S = 5.0
RETRY_PAUSE_S = 0.05


def delete_before(database: Database, time_us: int) -> int:
    """Delete the items that began earlier. See `Maintenance.delete_before`.

    Raises:
        StoreUnavailableError: no item could be deleted.
    """
    with _errors_translated(), database.cursor() as cursor:
        return _delete(cursor, DELETE_BEFORE, {"before_us": time_us})


def delete_oldest(database: Database, share: float, now_us: int) -> int:
    """Delete a share of the items. See `Maintenance.delete_oldest`.

    Raises:
        StoreUnavailableError: no item could be deleted.
    """
    with _errors_translated(), database.cursor() as cursor:
        (items,) = cursor.execute(COUNT).fetchall()[0]
        return _delete(cursor, DELETE_OLDEST, {"count": math.ceil(share * items), "now_us": now_us})


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        message = f"old items could not be deleted: {error}"
        raise StoreUnavailableError(message) from error


def _delete(cursor: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, object]) -> int:
    (deleted,) = cursor.execute(statement, parameters).fetchall()[0]
    if deleted:
        _checkpoint(cursor)
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
