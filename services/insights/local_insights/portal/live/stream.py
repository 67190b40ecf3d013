"""The last minute as a stream of server-sent events, one per second."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict

from anyio import CapacityLimiter, to_thread

from local_insights.http.json_text import json_bytes
from local_insights.portal.live.formatted_snapshot import FormattedSnapshot

MAX_STREAMS = 32
"""Each stream costs one snapshot per second. A browser opens six connections to a server; each page uses one."""
AFTER_SECOND_S = 0.05
"""The delay after the end of a second, so that reports from its last milliseconds are included."""
RETRY_MS = 1000
_THREADS = 2
"""Snapshots have threads of their own, so that they do not wait for the queries of pages."""

CurrentSnapshot = Callable[[int], FormattedSnapshot]
"""Returns the current snapshot with the documents whose numbers are higher than the argument. May block."""


class _Stream:
    """One open stream; `ended` is set when another stream has taken its place."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.is_sending = False


class LiveStreams:
    """Opens streams and limits their number.

    When the maximum is open, another stream ends: the oldest of those whose client does not read, or else the oldest.
    A page whose stream ends reconnects after `RETRY_MS`.

    Args:
        stopping: set when the server stops; open streams then end at once, so that they do not delay the shutdown.
        clock: returns seconds since 1970.
    """

    def __init__(self, stopping: asyncio.Event, clock: Callable[[], float] = time.time) -> None:
        self._stopping = stopping
        self._clock = clock
        self._threads = CapacityLimiter(_THREADS)
        self._open: dict[_Stream, None] = {}
        """The open streams, the oldest first."""

    def open(self, current: CurrentSnapshot, after: int) -> AsyncIterator[bytes]:
        """Return a stream of snapshots: one at once, then one after the end of each second.

        Args:
            current: returns the snapshot to send.
            after: the number of the last document that the client has.
        """
        return self._events(current, after)

    async def _events(self, current: CurrentSnapshot, after: int) -> AsyncIterator[bytes]:
        stream = self._add()
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            while not (self._stopping.is_set() or stream.ended.is_set()):
                snapshot = await to_thread.run_sync(current, after, limiter=self._threads)
                after = snapshot.last_document
                stream.is_sending = True
                yield _event(snapshot)
                stream.is_sending = False
                await self._next_second(stream)
        finally:
            self._open.pop(stream, None)

    def _add(self) -> _Stream:
        if len(self._open) >= MAX_STREAMS:
            replaced = next((stream for stream in self._open if stream.is_sending), next(iter(self._open)))
            del self._open[replaced]
            replaced.ended.set()
        stream = _Stream()
        self._open[stream] = None
        return stream

    async def _next_second(self, stream: _Stream) -> None:
        """Wait until the current second is over, the stream has to end, or the server stops."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._stopping, stream.ended)]
        try:
            wait_s = 1 - self._clock() % 1 + AFTER_SECOND_S
            await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _event(snapshot: FormattedSnapshot) -> bytes:
    """Return an event whose id is the number of the newest document. A client that reconnects sends it back."""
    return b"id: %d\ndata: %b\n\n" % (snapshot.last_document, json_bytes(asdict(snapshot)))
