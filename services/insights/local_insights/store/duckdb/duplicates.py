"""Removal of items that are already stored, before a commit."""

import logging
import sys
import time
from collections.abc import Mapping, Sequence

import duckdb

from local_insights.model.item import Item
from local_insights.store.duckdb.recent_items import RecentItems
from local_insights.store.identity import AppendedItems, Identity, identity
from local_insights.store.sql.queries import Row
from local_insights.store.sql.statements import read_sql

_log = logging.getLogger(__name__)

STORED_TIMES = read_sql("stored_times", __package__)
COPIES_WITH_ID = read_sql("copies_with_id", __package__)
COPIES_WITHOUT_ID = read_sql("copies_without_id", __package__).replace("$columns", ", ".join(Item._fields))
_UNUSABLE = (duckdb.FatalException, duckdb.ConnectionException)


class DuplicateRemover:
    """Finds the items of a group that are stored.

    A hash table of the recent items recognizes almost all new items, so that the file is seldom read: for items that
    were probably sent before, and for items that are older than the newest item at the start of the process.
    """

    def __init__(self) -> None:
        self._recent = RecentItems()
        self._earlier: _EarlierItems | None = None

    def new_items(self, cursor: duckdb.DuckDBPyConnection, group: Sequence[AppendedItems]) -> list[Sequence[Item]]:
        """Return the items to store of each call. Called once per group, in the order of the commits.

        Raises:
            duckdb.Error: the database has to be reopened.
        """
        now_us = time.time_ns() // 1000
        if self._earlier is None:
            self._earlier = _EarlierItems(cursor, now_us)
        after_us, before_us = self._earlier.free_range_us(now_us)
        possible = [item for batch in group for item in self._recent.add(batch.items, after_us, before_us)]
        if not possible:
            return [batch.items for batch in group]
        ids = set(map(id, possible))
        certainly_new = {identity(item) for batch in group for item in batch.items if id(item) not in ids}
        candidates = [item for item in possible if identity(item) not in certainly_new]
        stored = _stored_identities(cursor, candidates) if candidates else set()
        return [batch.new_items(stored) for batch in group]


class _EarlierItems:
    """The times of the items that an earlier process stored."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, now_us: int) -> None:
        never_us = sys.maxsize
        rows = _read(cursor, STORED_TIMES, {"now_us": now_us})
        past_us, next_us, soon_us, later_us = rows[0] if rows else [None] * 4
        self._range_us = (-never_us if past_us is None else past_us, never_us if next_us is None else next_us)
        self._soon_us = self._range_us[0] if soon_us is None else soon_us
        self._range_after_soon_us = (self._soon_us, never_us if later_us is None else later_us)

    def free_range_us(self, now_us: int) -> tuple[int, int]:
        """Return a range of times, without its ends, in which no item was stored: most new items have such a time.

        At first it ends with the first item that is dated in the future. When the time of those dated up to a day ahead
        has passed, the range begins with the last of them.
        """
        return self._range_us if now_us <= self._soon_us else self._range_after_soon_us


def _stored_identities(cursor: duckdb.DuckDBPyConnection, candidates: Sequence[Item]) -> set[Identity]:
    """Return the identities of the candidates that are stored."""
    from local_insights.store.duckdb.arrow_batch import ArrowBatch  # noqa: PLC0415 (an idle server saves 4 MB)

    batch = ArrowBatch()
    batch.fill(candidates)
    times_us = [item.time_us for item in candidates]
    bounds = {"first_us": min(times_us), "last_us": max(times_us)}
    cursor.register("candidates", batch)
    stored: set[Identity] = set()
    if any(item.id for item in candidates):
        stored.update(_read(cursor, COPIES_WITH_ID, bounds))
    if not all(item.id for item in candidates):
        stored.update(Item(*row) for row in _read(cursor, COPIES_WITHOUT_ID, bounds))
    cursor.unregister("candidates")
    return stored


def _read(cursor: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, object]) -> list[Row]:
    """Return the rows of a query; none if the file cannot be read, for example because a block is damaged.

    Then items that are sent again are not recognized. It is better to store an item twice than to lose it.

    Raises:
        duckdb.Error: the database has to be reopened.
    """
    try:
        return cursor.execute(statement, parameters).fetchall()
    except _UNUSABLE:
        raise
    except duckdb.Error as error:
        _log.warning("items that were sent again cannot be recognized: %s", error)
        return []
