"""The queue between the application and an exporting thread: OpenCensus' queue, mended."""

from collections import deque
from collections.abc import Iterable
from threading import Event
from typing import Any

from telemetry._internal._opencensus import Queue, QueueEvent


class BatchQueue(Queue):  # type: ignore[misc]
    """A queue that costs the one who puts next to nothing.

    OpenCensus' queue wakes the exporting thread for every item, which then competes with the application for the
    interpreter; this one lets it sleep for the whole interval. A full queue drops its oldest item and counts it: what
    happened last is what someone will want to see, and a warning for each would come back as a log to export. An event
    wakes the thread at once, so that a flush reaches everything that was put before it.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.dropped = 0
        self._capacity = capacity
        self._items: deque[Any] = deque()
        self._wake = Event()

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002
        """Append an item, or an event. Never waits."""
        items = self._items
        items.append(item)
        if isinstance(item, QueueEvent):
            self._wake.set()
        elif len(items) > self._capacity:
            self._drop_oldest()
        elif len(items) == self._capacity // 4:
            self._wake.set()

    def puts(self, items: Iterable[object], block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002
        """Append several items. Never waits."""
        for item in items:
            self.put(item)

    def gets(self, count: int, timeout: float) -> tuple[Any, ...]:
        """Wait out the interval, then take up to `count` items; an event ends the batch.

        Whatever exceeds the batch is there for the next call, which does not wait.
        """
        if not self._items or not self._wake.is_set():
            self._wake.wait(timeout)
        self._wake.clear()
        batch: list[Any] = []
        while self._items and len(batch) < count:
            try:
                batch.append(self._items.popleft())
            except IndexError:
                break  # a full queue has dropped it
            if isinstance(batch[-1], QueueEvent):
                break
        if self._items:
            self._wake.set()
        return tuple(batch)

    def drain(self) -> list[Any]:
        """Take everything that still waits, events excepted."""
        rest = []
        while self._items:
            item = self._items.popleft()
            if not isinstance(item, QueueEvent):
                rest.append(item)
        return rest

    def __len__(self) -> int:
        return len(self._items)

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._items

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until everything put so far has been handed on; False when that took longer than `timeout` seconds."""
        event = QueueEvent("flush")
        self.put(event)
        return bool(event.wait(timeout))

    def _drop_oldest(self) -> None:
        try:
            oldest = self._items.popleft()
        except IndexError:
            return  # the exporting thread has taken them all meanwhile
        if isinstance(oldest, QueueEvent):
            self._items.append(oldest)  # someone waits for it; no item has to go for it
        else:
            self.dropped += 1
