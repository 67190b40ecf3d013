"""The storage engine in memory."""

import threading
from collections import deque
from collections.abc import Container, Iterable, Sequence
from itertools import chain, count, islice

from local_insights.model.item import Item
from local_insights.model.summaries import StoreStats
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store, StoreUnavailableError
from local_insights.store.identity import AppendedItems, Identity, RequestItems, identity
from local_insights.store.memory.items import Row
from local_insights.store.memory.map_reader import MemoryMapReader
from local_insights.store.memory.search_reader import MemorySearchReader
from local_insights.store.memory.selection_reader import MemorySelectionReader
from local_insights.store.memory.transaction_reader import MemoryTransactionReader

MAX_ITEMS = 100_000
"""About 65 MB of short items. A query over all of them takes seconds."""
_US_PER_DAY = 86_400_000_000
_BYTES_PER_ITEM = 600
"""Size of an item without its texts: the tuple, its numbers, and shared or short strings."""


class MemoryStore(MemoryMapReader, MemorySelectionReader, MemoryTransactionReader, MemorySearchReader, Store):
    """A store in the memory of the process. Its items are lost when the process ends.

    Limits: the store contains at most `max_items` items; beyond it the items that were stored first are deleted. Each
    query evaluates all items in Python and has no time limit. Methods are safe to call from several threads: a query
    evaluates a snapshot.

    Args:
        items: the items to begin with.
        max_items: the maximum number of items.
    """

    def __init__(self, items: Iterable[Item] = (), *, max_items: int = MAX_ITEMS) -> None:
        self._row_numbers = count()
        self._max_items = max_items
        self._rows: deque[Row] = deque(maxlen=max_items)
        self._identities: set[Identity] = set()
        self._lock = threading.Lock()
        self._is_closed = False
        self._add(AppendedItems(tuple(items)))

    @property
    def is_durable(self) -> bool:
        return False

    async def append(self, items: Sequence[Item], request: RequestItems | None = None) -> Sequence[Item]:
        return self._add(AppendedItems(items, request))

    def snapshot(self) -> Sequence[Row]:
        with self._lock:
            self._require_open()
            return tuple(self._rows)

    def stored_items(self, row: int, time_range: TimeRange, limit: int) -> list[Row]:
        later = [
            (number, item)
            for number, item in self.snapshot()
            if number > row and time_range.start_us <= item.time_us < time_range.end_us
        ]
        return later[:limit]

    def stats(self) -> StoreStats:
        times_us = self._times_us()
        return StoreStats(len(times_us), min(times_us, default=None), max(times_us, default=None))

    def require_ready(self) -> None:
        with self._lock:
            self._require_open()

    def used_bytes(self) -> int:
        return sum(_item_bytes(item) for _, item in self.snapshot())

    def delete_before(self, time_us: int) -> int:
        with self._lock:
            self._require_open()
            return self._delete_except({row for row, item in self._rows if item.time_us >= time_us})

    def delete_excess(self, max_bytes: int, now_us: int) -> int:
        with self._lock:
            self._require_open()
            excess_bytes = sum(_item_bytes(item) for _, item in self._rows) - max_bytes
            deleted = set()
            for row, item in sorted(self._rows, key=lambda row: (row[1].time_us <= now_us + _US_PER_DAY, row[0])):
                if excess_bytes <= 0:
                    break
                deleted.add(row)
                excess_bytes -= _item_bytes(item)
            return self._delete_except({row for row, _ in self._rows} - deleted)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._rows.clear()
            self._identities.clear()

    def _add(self, appended: AppendedItems) -> Sequence[Item]:
        with self._lock:
            self._require_open()
            new = appended.new_items(self._identities)
            appended.record(new)
            rows = [(next(self._row_numbers), item) for item in new]
            excess = max(0, len(self._rows) + len(rows) - self._max_items)
            self._identities.difference_update(identity(item) for _, item in islice(chain(self._rows, rows), excess))
            self._rows.extend(rows)
            return new

    def _delete_except(self, rows: Container[int]) -> int:
        """Delete all other rows, and return their number. The caller has the lock."""
        before = len(self._rows)
        self._rows = deque((row for row in self._rows if row[0] in rows), self._max_items)
        self._identities = {identity(item) for _, item in self._rows}
        return before - len(self._rows)

    def _times_us(self) -> list[int]:
        return [item.time_us for _, item in self.snapshot()]

    def _require_open(self) -> None:
        """Raise if the store is closed. The caller has the lock."""
        if self._is_closed:
            message = "the store is closed"
            raise StoreUnavailableError(message)


def _item_bytes(item: Item) -> int:
    return _BYTES_PER_ITEM + sum(len(value) for value in item if isinstance(value, str))
