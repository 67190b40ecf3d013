"""The server's HTTP protocol: that of uvicorn, with limits on what a client may send and how long it may take.

Uvicorn limits neither the headers of a request nor the time until a request is complete, and it waits without a limit
for a client that does not read a response. A client that stops in the middle of a body would keep its share of the
memory budget for as long as it stays connected.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from local_insights.http.problems import problem

MAX_HEADER_BYTES = 64 * 1024
"""Limit of the request line and all headers. Cookies of other programs on `localhost` can take several KB."""
MAX_HEADERS = 100
CLIENT_TIMEOUT_S = 30.0
"""Default limit of the time until headers are complete, between two parts of a body, and between two reads."""
BODY_TIMEOUTS = 10
"""A body may take this many timeouts plus one second per `MIN_BODY_BYTES_PER_S`: one byte per 29 s ends, too."""
MIN_BODY_BYTES_PER_S = 1024
LINGER_S = 2.0
"""Time in which the rest of a rejected request is read and dropped. Closing at once would discard the response."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection.

    A request over a limit gets a problem document and the connection is closed: 431 for headers over their limits, 408
    when the headers are not complete in time or the body has stopped. No time counts while the server itself has paused
    reading (backpressure). A connection whose client reads nothing of a response for the same time is aborted.

    Args:
        timeout_s: the time limit, in seconds.
        arguments: see `HttpToolsProtocol`.
    """

    def __init__(self, *, timeout_s: float = CLIENT_TIMEOUT_S, **arguments: Any) -> None:  # noqa: ANN401 - of uvicorn
        super().__init__(**arguments)
        self._timeout_s = timeout_s
        self._read_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._read_deadline_s: float | None = None
        """Event loop time at which the current request must have progressed; None between requests."""
        self._body_deadline_s = 0.0
        self._has_headers = False
        self._unparsed_bytes = 0
        """Bytes since the last part of a body or the end of the headers: an upper bound of what the parser buffers."""
        self._excess = ""
        self._is_rejected = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Start the time limit of the first request (interface of asyncio)."""
        super().connection_made(transport)
        self.flow = _ReportingFlow(transport, self._resumed)
        self._begin_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers (interface of asyncio)."""
        for timer in (self._read_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the next bytes of the connection (interface of asyncio)."""
        if self._is_rejected or self.transport.is_closing():
            return
        if self._read_deadline_s is None:
            self._begin_request()
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > MAX_HEADER_BYTES and not self._is_rejected:
            self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _too_large())

    def on_message_begin(self) -> None:
        """Start the time limit of a request (interface of httptools)."""
        super().on_message_begin()
        self._begin_request()

    def on_headers_complete(self) -> None:
        """Check the headers and start the time limit of the body (interface of httptools)."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEADER_BYTES or len(self.headers) > MAX_HEADERS:
            self._excess = _too_large()
            raise ValueError(self._excess)
        super().on_headers_complete()
        self._has_headers = True
        self._unparsed_bytes = 0
        now_s = self.loop.time()
        self._read_deadline_s = now_s + self._timeout_s
        self._body_deadline_s = now_s + self._timeout_s * BODY_TIMEOUTS

    def on_body(self, body: bytes) -> None:
        """Extend the time limit of the body (interface of httptools)."""
        super().on_body(body)
        self._unparsed_bytes = 0
        self._body_deadline_s += len(body) / MIN_BODY_BYTES_PER_S
        self._read_deadline_s = min(self.loop.time() + self._timeout_s, self._body_deadline_s)

    def on_message_complete(self) -> None:
        """End the time limit of the request (interface of httptools)."""
        super().on_message_complete()
        self._unparsed_bytes = 0
        self._read_deadline_s = None

    def pause_writing(self) -> None:
        """Start the time limit of the client's next read (interface of asyncio)."""
        super().pause_writing()
        self._watch_writing(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """End the time limit of the client's next read (interface of asyncio)."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()

    def send_400_response(self, msg: str) -> None:
        """Reject a request that cannot be parsed (interface of uvicorn)."""
        if self._excess:
            self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, self._excess)
        else:
            self._reject(HTTPStatus.BAD_REQUEST, msg)

    def _begin_request(self) -> None:
        self._has_headers = False
        self._read_deadline_s = self.loop.time() + self._timeout_s
        if self._read_timer is None:
            self._read_timer = self.loop.call_at(self._read_deadline_s, self._check_reading)

    def _check_reading(self) -> None:
        """Reject the request if its time is over. There is one timer per connection, not one per request."""
        self._read_timer = None
        deadline_s = self._read_deadline_s
        if deadline_s is None or self.flow.read_paused or self.transport.is_closing():
            return
        if self.loop.time() < deadline_s:
            self._read_timer = self.loop.call_at(deadline_s, self._check_reading)
            return
        if not (self._has_headers or self._unparsed_bytes):
            self.transport.close()  # a browser opens connections in advance and expects no response on them
            return
        part = "the rest of the body" if self._has_headers else "the headers of the request"
        self._reject(HTTPStatus.REQUEST_TIMEOUT, f"{part} did not arrive within {self._timeout_s:g} s: send it again")

    def _resumed(self) -> None:
        """Start the time limit again, because the server has resumed reading."""
        if self._read_deadline_s is None:
            return
        now_s = self.loop.time()
        self._read_deadline_s = now_s + self._timeout_s
        self._body_deadline_s = now_s + self._timeout_s * BODY_TIMEOUTS
        if self._read_timer is None:
            self._read_timer = self.loop.call_at(self._read_deadline_s, self._check_reading)

    def _watch_writing(self, size_before: int) -> None:
        self._write_timer = self.loop.call_later(self._timeout_s, self._check_writing, size_before)

    def _check_writing(self, size_before: int) -> None:
        size = self.transport.get_write_buffer_size()
        if size < size_before:
            self._watch_writing(size)
        else:
            self.transport.abort()

    def _reject(self, status: HTTPStatus, detail: str) -> None:
        """Send a problem document unless another response is in progress, end the request and close the connection."""
        self._is_rejected = True
        self._read_deadline_s = None
        cycle = self.cycle
        is_running = cycle is not None and not cycle.response_complete
        if is_running == self._has_headers and not (self.pipeline or (is_running and cycle.response_started)):
            self.transport.write(_response(status, detail))
        if is_running:
            cycle.disconnected = True
            cycle.message_event.set()
        self.flow.resume_reading()
        self.loop.call_later(LINGER_S, self.transport.abort)


class _ReportingFlow(FlowControl):
    """Flow control that reports when reading is resumed."""

    def __init__(self, transport: asyncio.Transport, on_resume: Callable[[], None]) -> None:
        super().__init__(transport)
        self._on_resume = on_resume

    def resume_reading(self) -> None:
        was_paused = self.read_paused
        super().resume_reading()
        if was_paused:
            self._on_resume()


def _too_large() -> str:
    return f"the request line and headers exceed {MAX_HEADER_BYTES:,} bytes or {MAX_HEADERS} headers"


def _response(status: HTTPStatus, detail: str) -> bytes:
    response = problem(status, detail, {"connection": "close"})
    headers = b"".join(b"%b: %b\r\n" % header for header in response.raw_headers)
    return b"".join((STATUS_LINE[status], headers, b"\r\n", bytes(response.body)))
