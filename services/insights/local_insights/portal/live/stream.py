"""The last minute as a stream of events, one a second."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool

from local_insights.portal.live.view import LiveView

MAX_STREAMS = 32
"""Each costs a snapshot a second; a browser has six connections for a server, and streams take one each."""
AFTER_SECOND_S = 0.05
"""How long after its end a second is looked at: reports that came at its very end are in by then."""
RETRY_MS = 1000

Look = Callable[[int], LiveView]


class TooManyStreamsError(Exception):
    """As many streams are open as there may be."""

    def __init__(self) -> None:
        super().__init__(f"{MAX_STREAMS} streams are open, and no more can be: close a page that shows Live Metrics.")


class LiveStreams:
    """Opens streams and knows how many are open.

    Args:
        stopping: set when the server is told to stop; open streams end at once, or they would hold it up.
        clock: seconds since 1970.
    """

    def __init__(self, stopping: asyncio.Event, clock: Callable[[], float] = time.time) -> None:
        self._stopping = stopping
        self._clock = clock
        self._open = 0

    def open(self, look: Look, after: int) -> AsyncIterator[bytes]:
        """A stream of views: one at once, then one after the end of each second.

        Args:
            look: makes the view of the moment, with those documents of the feed whose numbers are higher; may block.
            after: number of the last document that the reader has.

        Raises:
            TooManyStreamsError: no further stream may be opened.
        """
        if self._open >= MAX_STREAMS:
            raise TooManyStreamsError
        return self._events(look, after)

    async def _events(self, look: Look, after: int) -> AsyncIterator[bytes]:
        self._open += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            while not self._stopping.is_set():
                view = await run_in_threadpool(look, after)
                after = view.last_document
                yield _event(view)
                await self._next_second()
        finally:
            self._open -= 1

    async def _next_second(self) -> None:
        """Wait until the running second is over, or the server stops."""
        wait_s = 1 - self._clock() % 1 + AFTER_SECOND_S
        try:
            await asyncio.wait_for(self._stopping.wait(), wait_s)
        except TimeoutError:
            return


def _event(view: LiveView) -> bytes:
    """An event whose id is the number of the newest document: a reader that comes back names it, and misses none."""
    data = json.dumps(asdict(view), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"id: {view.last_document}\ndata: {data}\n\n".encode("utf-8", "backslashreplace")
