"""The queue between the application and an exporting thread: OpenCensus' queue with fixes."""

from collections import deque
from collections.abc import Iterable
from threading import Event
from typing import Any

from telemetry._internal._opencensus import Queue, QueueEvent


class BatchQueue(Queue):  # type: ignore[misc]
    """A queue with a cheap `put`, which never blocks.

    OpenCensus' queue wakes the exporting thread for every item; the thread then competes with the application for the
    interpreter. This queue lets the thread sleep for the whole interval. A full queue drops its oldest item and counts
    it: the newest items are the most useful ones, and a warning per item could itself become a log record to export. An
    event wakes the thread at once, so that a flush covers everything that was put before it.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.dropped = 0
        self._capacity = capacity
        self._items: deque[Any] = deque()
        self._wake = Event()

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002
        """Append an item, or an event. Never blocks."""
        items = self._items
        items.append(item)
        if isinstance(item, QueueEvent):
            self._wake.set()
        elif len(items) > self._capacity:
            self._drop_oldest()
        elif len(items) == self._capacity // 4:
            self._wake.set()

    def puts(self, items: Iterable[object], block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002
        """Append several items. Never blocks."""
        for item in items:
            self.put(item)

    def gets(self, count: int, timeout: float) -> tuple[Any, ...]:
        """Wait for the interval of `timeout` seconds, then remove and return up to `count` items.

        An event ends the batch. If more items are queued, the next call returns them without waiting.
        """
        if not self._items or not self._wake.is_set():
            self._wake.wait(timeout)
        self._wake.clear()
        batch: list[Any] = []
        while self._items and len(batch) < count:
            try:
                batch.append(self._items.popleft())
            except IndexError:
                break  # dropped by a full queue
            if isinstance(batch[-1], QueueEvent):
                break
        if self._items:
            self._wake.set()
        return tuple(batch)

    def drain(self) -> list[Any]:
        """Remove and return all queued items, without events."""
        rest = []
        while self._items:
            item = self._items.popleft()
            if not isinstance(item, QueueEvent):
                rest.append(item)
        return rest

    def __len__(self) -> int:
        return len(self._items)

    def is_empty(self) -> bool:
        """Return True when nothing is queued."""
        return not self._items

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until everything queued so far has been processed; return False after `timeout` seconds."""
        event = QueueEvent("flush")
        self.put(event)
        return bool(event.wait(timeout))

    def _drop_oldest(self) -> None:
        try:
            oldest = self._items.popleft()
        except IndexError:
            return  # the exporting thread has emptied the queue
        if isinstance(oldest, QueueEvent):
            self._items.append(oldest)  # a caller waits for it; no item is dropped for it
        else:
            self.dropped += 1
