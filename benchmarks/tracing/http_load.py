"""A cheap generator of HTTP load, and an ingestion endpoint that accepts all telemetry."""

import asyncio
import gzip
import time
from dataclasses import dataclass, field
from typing import cast

HEAD_END = b"\r\n\r\n"


@dataclass
class Measured:
    """Results of one run. Latencies are sorted."""

    elapsed_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    server_cpu_s: float = 0.0
    """CPU time of the server process during the run, including its export threads."""

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that `percent` of the responses did not exceed, in milliseconds."""
        return self.latencies_s[min(int(len(self.latencies_s) * percent / 100), len(self.latencies_s) - 1)] * 1000


class Connection(asyncio.Protocol):
    """Sends each request after the previous response or, with a rate, when it is due."""

    def __init__(self, request: bytes, until: float, interval_s: float, begin: float) -> None:
        self._request, self._until, self._interval_s = request, until, interval_s
        self._due = begin
        self._buffer = b""
        self._loop = asyncio.get_running_loop()
        self.latencies_s: list[float] = []
        self.finished = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Read a response or a part of it."""
        self._buffer += data
        head, separator, body = self._buffer.partition(HEAD_END)
        if not separator or len(body) < content_length(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.finished.set_exception(RuntimeError(head.decode()))
            return
        self._buffer = b""
        self.latencies_s.append(time.perf_counter() - self._sent)
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Finish, with an error unless the time was over."""
        if not self.finished.done():
            self.finished.set_exception(error or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        now = time.perf_counter()
        if now >= self._until:
            if not self.finished.done():
                self.finished.set_result(None)
            self._transport.close()
        elif self._interval_s and self._due > now:
            self._loop.call_later(self._due - now, self._send)
        else:
            self._send()

    def _send(self) -> None:
        # At a fixed rate, latency is measured from the due time, so it includes the delay by slow responses before it.
        self._sent = self._due if self._interval_s else time.perf_counter()
        self._due += self._interval_s
        self._transport.write(self._request)


async def load(port: int, path: str, connections: int, duration_s: float, rate: float = 0.0) -> Measured:
    """Load a server on this machine with GET requests.

    Args:
        port: The port of the server.
        path: The path to request.
        connections: The number of concurrent requests.
        duration_s: The duration of the load.
        rate: Total requests per second; 0 means as many as the server responds to.
    """
    loop = asyncio.get_running_loop()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()
    interval_s = connections / rate if rate else 0.0
    began = time.perf_counter()
    made = [
        (
            await loop.create_connection(
                lambda number=number: Connection(  # type: ignore[misc]
                    request, began + duration_s, interval_s, began + interval_s * number / connections
                ),
                "127.0.0.1",
                port,
            )
        )[1]
        for number in range(connections)
    ]
    await asyncio.gather(*(connection.finished for connection in made))
    latencies = sorted(latency for connection in made for latency in connection.latencies_s)
    return Measured(time.perf_counter() - began, latencies)


class Sink:
    """An ingestion endpoint that accepts all items and counts them."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.url = ""

    async def listen(self) -> None:
        """Start to listen."""
        server = await asyncio.get_running_loop().create_server(lambda: _Accepting(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    @property
    def items(self) -> int:
        """The number of received items."""
        magic = b"\x1f\x8b"
        return sum(
            (gzip.decompress(body) if body.startswith(magic) else body).count(b'"baseType"') for body in self.bodies
        )


class _Accepting(asyncio.Protocol):
    _response = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
    _body = b'{"itemsReceived":1,"itemsAccepted":1,"errors":[]}'

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(HEAD_END)
        while separator and len(body) >= content_length(head):
            self._sink.bodies.append(body[: content_length(head)])
            self._buffer = body[content_length(head) :]
            self._transport.write(self._response % (len(self._body), self._body))
            head, separator, body = self._buffer.partition(HEAD_END)


def content_length(head: bytes) -> int:
    """Return the content length in the head of an HTTP message, or 0."""
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
