"""A generator of HTTP load that costs little itself, and an endpoint that takes whatever telemetry it is sent."""

import asyncio
import gzip
import time
from dataclasses import dataclass, field
from typing import cast

HEAD_END = b"\r\n\r\n"


@dataclass
class Measured:
    """What a run saw. Latencies are sorted."""

    elapsed_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    server_cpu_s: float = 0.0
    """What the server's process spent meanwhile, its exporting threads included."""

    def percentile_ms(self, percent: float) -> float:
        """The latency that `percent` of the answers did not exceed, in milliseconds."""
        return self.latencies_s[min(int(len(self.latencies_s) * percent / 100), len(self.latencies_s) - 1)] * 1000


class Connection(asyncio.Protocol):
    """Sends the next request when the last is answered, or at its time when there is a rate."""

    def __init__(self, request: bytes, until: float, interval_s: float, begin: float) -> None:
        self._request, self._until, self._interval_s = request, until, interval_s
        self._due = begin
        self._buffer = b""
        self._loop = asyncio.get_running_loop()
        self.latencies_s: list[float] = []
        self.finished = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take an answer, or a part of it."""
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
        """End, in failure unless the time was up."""
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
        # At a fixed rate, time counts from when the request was due: a slow answer delays the next, and that counts.
        self._sent = self._due if self._interval_s else time.perf_counter()
        self._due += self._interval_s
        self._transport.write(self._request)


async def load(port: int, path: str, connections: int, duration_s: float, rate: float = 0.0) -> Measured:
    """Load a server on this machine with GET requests.

    Args:
        port: The server's.
        path: The path asked for.
        connections: How many requests are under way at a time.
        duration_s: How long.
        rate: Requests a second in all; 0 means as many as are answered.
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
    """An ingestion endpoint that accepts everything, and counts the items when it is asked."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.url = ""

    async def listen(self) -> None:
        """Begin to accept."""
        server = await asyncio.get_running_loop().create_server(lambda: _Accepting(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    @property
    def items(self) -> int:
        """How many items have arrived."""
        magic = b"\x1f\x8b"
        return sum(
            (gzip.decompress(body) if body.startswith(magic) else body).count(b'"baseType"') for body in self.bodies
        )


class _Accepting(asyncio.Protocol):
    _answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
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
            self._transport.write(self._answer % (len(self._body), self._body))
            head, separator, body = self._buffer.partition(HEAD_END)


def content_length(head: bytes) -> int:
    """The length that the head of an HTTP message announces; 0 when it announces none."""
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
