"""Deletion of old items, and the space that they take.

DuckDB frees the space of a row group when all its rows are deleted. A checkpoint writes the items of the log as one row
group, so items that arrived together are deleted together.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.database import Database
from local_insights.store.duckdb.disk_space import DiskSpace, capacity, log_bytes
from local_insights.store.sql.statements import read_sql

DELETE_BEFORE = read_sql("delete_before", __package__)
DELETE_ROWS = "DELETE FROM items WHERE rowid < $end AND time_us > $after_us"
ROWS = "SELECT MIN(rowid), MAX(rowid) FROM items WHERE time_us > $after_us"
ROWS_BYTES = read_sql("rows_bytes", __package__)
COUNT = "SELECT COUNT(*) FROM items"
FIRST_ROWS = 256
"""Rows whose size is read first; then twice as many each time."""
STEP_SHARE = 64
"""A step of deletion is at least this part of the size limit, so that a large store needs few checkpoints."""
CHECKPOINT_SHARE = 32
"""A deletion by age is followed by a checkpoint if it deleted this part of the items. Each checkpoint begins a new row
group, and thousands of small ones would slow queries down."""
US_PER_DAY = 86_400_000_000
MIN_TIME_US = -(2**63)
QUERIES_WAIT_S = 0.2
"""Time that a checkpoint waits for running queries; then it is retried."""
URGENT_WAIT_S = 30.0
"""The same when the store is almost as large as its limit allows: longer than a query may run."""


class Cleaner:
    """Deletes old items.

    Args:
        database: the database.
        space: measures its size.
    """

    def __init__(self, database: Database, space: DiskSpace) -> None:
        self._database = database
        self._space = space
        self._has_unfreed_rows = False

    def delete_before(self, time_us: int) -> int:
        """Delete the items that began earlier. See `Maintenance.delete_before`.

        Raises:
            StoreUnavailableError: no item could be deleted.
        """
        with _errors_translated():
            with self._database.cursor("delete") as cursor:
                (items,) = cursor.execute(COUNT).fetchall()[0]
                (deleted,) = cursor.execute(DELETE_BEFORE, {"before_us": time_us}).fetchall()[0]
            if deleted * CHECKPOINT_SHARE > items:
                self._database.checkpoint(QUERIES_WAIT_S)
            return int(deleted)

    def delete_excess(self, max_bytes: int, now_us: int) -> int:
        """Delete the oldest items beyond a size. See `Maintenance.delete_excess`.

        Raises:
            StoreUnavailableError: no item could be deleted.
        """
        deleted = 0
        step_bytes = max(log_bytes(max_bytes), max_bytes // STEP_SHARE)
        with _errors_translated():
            while self._space.used_bytes() > capacity(max_bytes):
                if not self._has_unfreed_rows:
                    rows = self._delete_step(step_bytes, now_us)
                    if not rows:
                        break
                    deleted += rows
                    self._has_unfreed_rows = True
                is_urgent = self._space.used_bytes() > (capacity(max_bytes) + max_bytes) // 2
                if not self._database.checkpoint(URGENT_WAIT_S if is_urgent else QUERIES_WAIT_S):
                    break
                self._has_unfreed_rows = False
        return deleted

    def _delete_step(self, step_bytes: int, now_us: int) -> int:
        """Delete the first items dated in the future, or else the first of all. Return their number."""
        with self._database.cursor("delete") as cursor:
            return _delete_first(cursor, step_bytes, now_us + US_PER_DAY) or _delete_first(
                cursor, step_bytes, MIN_TIME_US
            )


def _delete_first(cursor: duckdb.DuckDBPyConnection, step_bytes: int, after_us: int) -> int:
    """Delete the first rows dated after a time, up to the size of a step within a factor of two."""
    condition = {"after_us": after_us}
    first, last = cursor.execute(ROWS, condition).fetchall()[0]
    if first is None:
        return 0
    rows, total_bytes = FIRST_ROWS, 0
    while first <= last and total_bytes < step_bytes:
        window = {"first": first, "end": first + rows}
        (row_bytes,) = cursor.execute(ROWS_BYTES, condition | window).fetchall()[0]
        if total_bytes + row_bytes > 2 * step_bytes and rows > 1:
            rows //= 2
            continue
        first += rows
        rows *= 2
        total_bytes += row_bytes
    (deleted,) = cursor.execute(DELETE_ROWS, condition | {"end": first}).fetchall()[0]
    return int(deleted)


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        message = f"old items could not be deleted: {error}"
        raise StoreUnavailableError(message) from error
