"""Group commit: one writer thread commits the batches of all concurrent requests in one transaction."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local_insights.model.item import Item
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.identity import AppendedItems

_log = logging.getLogger(__name__)

_Result = Sequence[Item] | StoreUnavailableError

GROUP_WINDOW_S = 0.01
"""Time that a batch waits for other batches. Committed one by one, batches of 100 items reach a third of the rate.

The window starts when the first batch of a group arrives, also during the commit of the previous group. Then one group
is read while the other is committed. If the window started after each commit, all batches would be in one group, and
reading and writing would alternate.
"""
GROUP_ITEMS = 5_000
"""A group of this size is committed immediately."""
GROUP_BYTES = 2 * 1024 * 1024
"""A group with texts of this size is committed immediately. It limits by how much a commit exceeds the limits of the
log and of the store."""
MAX_QUEUED_ITEMS = 100_000
"""Limit of the queue, one or two seconds of work (backpressure). Beyond it, clients keep the data and retry."""


@dataclass(frozen=True, slots=True)
class _QueuedBatch:
    appended: AppendedItems
    text_bytes: int
    done: asyncio.Future[Sequence[Item]]
    loop: asyncio.AbstractEventLoop
    since_s: float


class GroupWriter:
    """Calls `commit` with groups of items, in its own thread.

    Args:
        commit: stores the new items of a group durably and returns them, by call, or stores none and raises
            `StoreUnavailableError`.
    """

    def __init__(self, commit: Callable[[list[AppendedItems]], Sequence[Sequence[Item]]]) -> None:
        self._commit = commit
        self._queue: deque[_QueuedBatch] = deque()
        self._queued_items = 0
        self._queued_bytes = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, appended: AppendedItems) -> Sequence[Item]:
        """Return the new items once they are committed.

        Raises:
            StoreUnavailableError: the queue is full, the writer is closing, or the commit failed.
        """
        items = appended.items
        text_bytes = sum(map(_text_bytes, items))
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Sequence[Item]] = loop.create_future()
        with self._changed:
            self.require_open(len(items))
            self._queue.append(_QueuedBatch(appended, text_bytes, done, loop, time.monotonic()))
            self._queued_items += len(items)
            self._queued_bytes += text_bytes
            if len(self._queue) == 1 or self._has_full_group():
                self._changed.notify()
        return await done

    def require_open(self, items: int = 1) -> None:
        """Raise an error if so many items would be rejected now.

        Raises:
            StoreUnavailableError: the writer is closing, or the queue is full.
        """
        with self._changed:
            if self._closing:
                message = "the store is closing"
                raise StoreUnavailableError(message)
            if self._queued_items + items > MAX_QUEUED_ITEMS and self._queue:
                message = f"write queue is full ({self._queued_items} items): retry later"
                raise StoreUnavailableError(message)

    def close(self) -> None:
        """Commit the queued items, then stop. Safe to call twice."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            try:
                stored = self._commit([batch.appended for batch in group])
            except StoreUnavailableError as error:
                _complete(group, [error] * len(group))
            except Exception as error:  # noqa: BLE001 (without this thread, all later writes would wait forever)
                _log.exception("commit failed with an unexpected error")
                _complete(group, [StoreUnavailableError(f"write failed: {error}")] * len(group))
            else:
                _complete(group, stored)

    def _next_group(self) -> list[_QueuedBatch]:
        """Return the batches to commit together; empty when the writer is closed and the queue is empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            if self._queue:
                left_s = self._queue[0].since_s + GROUP_WINDOW_S - time.monotonic()
                self._changed.wait_for(lambda: self._has_full_group() or self._closing, left_s)
            group: list[_QueuedBatch] = []
            items = text_bytes = 0
            while self._queue and items < GROUP_ITEMS and text_bytes < GROUP_BYTES:
                group.append(self._queue.popleft())
                items += len(group[-1].appended.items)
                text_bytes += group[-1].text_bytes
            self._queued_items -= items
            self._queued_bytes -= text_bytes
        return group

    def _has_full_group(self) -> bool:
        """Return if the queued batches fill a group. The caller has the lock."""
        return self._queued_items >= GROUP_ITEMS or self._queued_bytes >= GROUP_BYTES


def _text_bytes(item: Item) -> int:
    """Return the length of the fields that can be long, except those of a few kB."""
    return (
        len(item.properties_json)
        + len(item.message)
        + len(item.exceptions_json)
        + len(item.data)
        + len(item.details_json)
        + len(item.sent_json)
    )


def _complete(group: list[_QueuedBatch], results: Sequence[_Result]) -> None:
    """Complete the writes of a group, with one call for each event loop."""
    for loop in {batch.loop for batch in group}:
        settled = [(batch.done, result) for batch, result in zip(group, results, strict=True) if batch.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, settled)
        except RuntimeError:
            continue  # the loop is closed: no write waits any more


def _settle(results: list[tuple[asyncio.Future[Sequence[Item]], _Result]]) -> None:
    for future, result in results:
        if future.done():
            continue  # the client disconnected
        if isinstance(result, StoreUnavailableError):
            future.set_exception(result)
        else:
            future.set_result(result)
