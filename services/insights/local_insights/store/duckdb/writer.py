"""Group commit: many senders, one writing thread, one transaction for all that arrived within a moment."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local_insights.model.item import Item
from local_insights.store.contract import StoreUnavailableError

_log = logging.getLogger(__name__)

GROUP_WINDOW_S = 0.01
"""How long a batch waits for company. Alone, batches of 100 items reach a third of the rate.

The time of a commit under way counts. So batches of half the senders are read while those of the other half are
committed; a window that opened after each commit made one group of all, and reader and writer took turns.
"""
GROUP_ITEMS = 5_000
"""A group of this size is committed at once."""
WAITING_ITEMS = 100_000
"""More than this, waiting, is overload: a second or two of work that the senders' disks hold better than our memory."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    items: Sequence[Item]
    done: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop
    since_s: float


class GroupWriter:
    """Hands items to `commit` on a thread of its own.

    Args:
        commit: keeps all items it is given, durably, or raises `StoreUnavailableError` and keeps none.
    """

    def __init__(self, commit: Callable[[list[Item]], None]) -> None:
        self._commit = commit
        self._waiting: deque[_Waiting] = deque()
        self._waiting_items = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, items: Sequence[Item]) -> None:
        """Return once the items are committed.

        Raises:
            StoreUnavailableError: too much is waiting, the writer is closing, or the commit failed.
        """
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        with self._changed:
            self.require_open(len(items))
            self._waiting.append(_Waiting(items, done, loop, time.monotonic()))
            self._waiting_items += len(items)
            if len(self._waiting) == 1 or self._waiting_items >= GROUP_ITEMS:
                self._changed.notify()
        await done

    def require_open(self, items: int = 1) -> None:
        """Return if so many items would be taken now.

        Raises:
            StoreUnavailableError: the writer is closing, or too much is waiting.
        """
        with self._changed:
            if self._closing:
                message = "the store is closing"
                raise StoreUnavailableError(message)
            if self._waiting_items + items > WAITING_ITEMS and self._waiting:
                message = f"{self._waiting_items} items wait to be written: more than the store can take now"
                raise StoreUnavailableError(message)

    def close(self) -> None:
        """Commit what waits, then stop. Safe to call twice."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            try:
                self._commit([item for waiting in group for item in waiting.items])
            except StoreUnavailableError as error:
                _answer(group, error)
            except Exception as error:  # noqa: BLE001 (a thread that ends would leave every later sender waiting for ever)
                _log.exception("a commit failed in a way the engine does not know")
                _answer(group, StoreUnavailableError(f"writing failed: {error}"))
            else:
                _answer(group, None)

    def _next_group(self) -> list[_Waiting]:
        """What is to be committed together; empty when the writer is closed and nothing waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._waiting:
                left_s = self._waiting[0].since_s + GROUP_WINDOW_S - time.monotonic()
                self._changed.wait_for(lambda: self._waiting_items >= GROUP_ITEMS or self._closing, left_s)
            group: list[_Waiting] = []
            size = 0
            while self._waiting and size < GROUP_ITEMS:
                group.append(self._waiting.popleft())
                size += len(group[-1].items)
            self._waiting_items -= size
        return group


def _answer(group: list[_Waiting], error: StoreUnavailableError | None) -> None:
    """Tell every sender, with one call for each event loop."""
    for loop in {waiting.loop for waiting in group}:
        futures = [waiting.done for waiting in group if waiting.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, futures, error)
        except RuntimeError:
            continue  # the loop is closed: nobody waits any more


def _settle(futures: list[asyncio.Future[None]], error: StoreUnavailableError | None) -> None:
    for future in futures:
        if future.done():
            continue  # the sender went away
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
