"""The last minute as a stream of server-sent events, one per second."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict

from starlette.concurrency import run_in_threadpool

from local_insights.portal.live.formatted_snapshot import FormattedSnapshot

MAX_STREAMS = 32
"""Each stream costs one snapshot per second. A browser opens six connections to a server; each page uses one."""
AFTER_SECOND_S = 0.05
"""The delay after the end of a second, so that reports from its last milliseconds are included."""
RETRY_MS = 1000

CurrentSnapshot = Callable[[int], FormattedSnapshot]
"""Returns the current snapshot with the documents whose numbers are higher than the argument. May block."""


class TooManyStreamsError(Exception):
    """The maximum number of streams is open."""

    def __init__(self) -> None:
        super().__init__(f"{MAX_STREAMS} streams are open, which is the maximum: close a page that shows Live Metrics.")


class LiveStreams:
    """Opens streams and limits their number.

    Args:
        stopping: set when the server stops; open streams then end at once, so that they do not delay the shutdown.
        clock: returns seconds since 1970.
    """

    def __init__(self, stopping: asyncio.Event, clock: Callable[[], float] = time.time) -> None:
        self._stopping = stopping
        self._clock = clock
        self._open = 0

    def open(self, current: CurrentSnapshot, after: int) -> AsyncIterator[bytes]:
        """Return a stream of snapshots: one at once, then one after the end of each second.

        Args:
            current: returns the snapshot to send.
            after: the number of the last document that the client has.

        Raises:
            TooManyStreamsError: the maximum number of streams is open.
        """
        if self._open >= MAX_STREAMS:
            raise TooManyStreamsError
        return self._events(current, after)

    async def _events(self, current: CurrentSnapshot, after: int) -> AsyncIterator[bytes]:
        self._open += 1
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            while not self._stopping.is_set():
                snapshot = await run_in_threadpool(current, after)
                after = snapshot.last_document
                yield _event(snapshot)
                await self._next_second()
        finally:
            self._open -= 1

    async def _next_second(self) -> None:
        """Wait until the current second is over, or the server stops."""
        wait_s = 1 - self._clock() % 1 + AFTER_SECOND_S
        try:
            await asyncio.wait_for(self._stopping.wait(), wait_s)
        except TimeoutError:
            return


def _event(snapshot: FormattedSnapshot) -> bytes:
    """Return an event whose id is the number of the newest document. A client that reconnects sends it back."""
    data = json.dumps(asdict(snapshot), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"id: {snapshot.last_document}\ndata: {data}\n\n".encode("utf-8", "backslashreplace")
