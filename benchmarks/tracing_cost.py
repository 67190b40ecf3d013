"""What tracing costs one FastAPI endpoint: untraced, with this library, with opencensus-ext-fastapi.

    python benchmarks/tracing_cost.py [--rounds 3] [--seconds 2]

Each variant is served by uvicorn (uvloop, httptools) in a process of its own, with the real exporter, which sends to an
endpoint that accepts everything. The variants take turns, so that a busy moment of the machine hits all. Figures are
ratios to the untraced variant of the same round; the median of the rounds counts. Run flat out, one waits for the
other and latency only mirrors throughput; so latency is also measured at a fixed, moderate rate.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import cast

import uvloop

VARIANTS = ("untraced", "telemetry", "ext-fastapi")
CONNECTIONS = 16
KEY = "00000000-0000-0000-0000-000000000000"
MODERATE_LOAD = 0.25  # of what the slowest variant can do


def serve(variant: str, port: int, connection_string: str, storage_dir: str) -> None:
    """Serve the endpoint, traced as the variant says."""
    import uvicorn  # noqa: PLC0415, each process imports what its variant needs
    from fastapi import FastAPI  # noqa: PLC0415

    app = FastAPI()

    @app.get("/values/{value}")
    async def value(value: int) -> dict[str, int]:
        return {"value": value}

    if variant == "telemetry":
        from telemetry import Telemetry, TelemetrySettings  # noqa: PLC0415
        from telemetry.fastapi import trace_app  # noqa: PLC0415

        settings = TelemetrySettings(
            role="measured", connection_string=connection_string, storage_dir=Path(storage_dir)
        )
        trace_app(app, Telemetry(settings))
    elif variant == "ext-fastapi":
        from opencensus.ext.azure.trace_exporter import AzureExporter  # noqa: PLC0415
        from opencensus.ext.fastapi.fastapi_middleware import FastAPIMiddleware  # noqa: PLC0415
        from opencensus.trace.samplers import AlwaysOnSampler  # noqa: PLC0415

        exporter = AzureExporter(connection_string=connection_string, storage_path=f"{storage_dir}/ext-fastapi")
        app.add_middleware(FastAPIMiddleware, exporter=exporter, sampler=AlwaysOnSampler())
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_level="error", access_log=False)


class Sink(asyncio.Protocol):
    """Accepts whatever is posted, and counts the items."""

    items = 0
    _answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport, self._missing = cast("asyncio.Transport", transport), 0

    def data_received(self, data: bytes) -> None:
        """Take a part of a request; answer when it is complete."""
        Sink.items += data.count(b'"baseType"')
        if not self._missing:
            head, _, data = data.partition(b"\r\n\r\n")
            self._missing = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self._missing -= len(data)
        if not self._missing:
            self._transport.write(self._answer)


@dataclass
class Measured:
    """What a run saw. Latencies are sorted."""

    elapsed_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

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
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def wait_until_served(port: int) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            await load(port, "/values/4", 1, 0.05)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    message = f"expected a server on port {port} within 30 s"
    raise TimeoutError(message)


async def measure(ports: dict[str, int], rounds: int, duration_s: float) -> "tuple[Runs, Runs]":
    """Measure the variants in turn: flat out, and at a moderate rate."""
    for port in ports.values():
        await wait_until_served(port)
        await load(port, "/values/4", CONNECTIONS, 1.0)
    flat_out: dict[str, list[Measured]] = {variant: [] for variant in ports}
    moderate: dict[str, list[Measured]] = {variant: [] for variant in ports}
    for _ in range(rounds):
        for variant, port in ports.items():
            flat_out[variant].append(await load(port, "/values/4", CONNECTIONS, duration_s))
            await asyncio.sleep(1.0)  # what is queued is exported before the next variant's turn
        rate = min(throughput(runs[-1]) for runs in flat_out.values()) * MODERATE_LOAD
        for variant, port in ports.items():
            moderate[variant].append(await load(port, "/values/4", CONNECTIONS, duration_s, rate))
            await asyncio.sleep(0.6)
    return flat_out, moderate


Runs = dict[str, list[Measured]]


def ratio(runs: Runs, variant: str, figure: Callable[[Measured], float], base: str = "untraced") -> float:
    """A figure of one variant to that of another, round by round; the median of the rounds."""
    pairs = zip(runs[variant], runs[base], strict=True)
    return median(figure(run) / figure(other) for run, other in pairs)


def throughput(run: Measured) -> float:
    """Answers a second."""
    return len(run.latencies_s) / run.elapsed_s


def p50(run: Measured) -> float:
    """Median latency, milliseconds."""
    return run.percentile_ms(50)


def p99(run: Measured) -> float:
    """99th percentile of latency, milliseconds."""
    return run.percentile_ms(99)


def report(flat_out: Runs, moderate: Runs) -> bool:
    """Print the table and the targets; whether all were reached."""
    columns: list[tuple[str, Runs, Callable[[Measured], float]]] = [
        ("requests/s", flat_out, throughput),
        ("p50 ms", flat_out, p50),
        ("p99 ms", flat_out, p99),
        ("p50 ms, moderate", moderate, p50),
        ("p99 ms, moderate", moderate, p99),
    ]
    print(f"{'variant':<12}" + "".join(f"{title:>18}{'ratio':>7}" for title, _, _ in columns))
    for variant in VARIANTS:
        cells = [
            f"{median(figure(run) for run in runs[variant]):>18.2f}{ratio(runs, variant, figure):>7.2f}"
            for _, runs, figure in columns
        ]
        print(f"{variant:<12}" + "".join(cells))
    print(f"{Sink.items} items of telemetry arrived.")
    reached = [
        target("p50 latency at a moderate rate, of untraced", ratio(moderate, "telemetry", p50), at_most=1.15),
        target("throughput, of untraced", ratio(flat_out, "telemetry", throughput), at_least=0.55),
        target("throughput, of ext-fastapi", ratio(flat_out, "telemetry", throughput, "ext-fastapi"), at_least=2.0),
    ]
    return all(reached)


def target(what: str, value: float, *, at_least: float = 0.0, at_most: float = float("inf")) -> bool:
    """Print a figure beside its target; whether it was reached."""
    reached = at_least <= value <= at_most
    wanted = f">= {at_least}" if at_least else f"<= {at_most}"
    print(f"{'reached' if reached else 'MISSED':<8} {what}: {value:.2f} (target {wanted})")
    return reached


def start_servers(ports: dict[str, int], *arguments: str) -> list[subprocess.Popen[bytes]]:
    """One server a variant."""
    environment = {**os.environ, "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true"}
    command = [sys.executable, "-W", "ignore", __file__, "--serve"]
    return [
        subprocess.Popen([*command, variant, str(port), *arguments], env=environment) for variant, port in ports.items()
    ]


async def main(rounds: int, duration_s: float) -> int:
    """Measure. Returns 1 when a target was missed, else 0."""
    sink = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{sink.sockets[0].getsockname()[1]}"
    ports = {variant: free_port() for variant in VARIANTS}
    with tempfile.TemporaryDirectory() as storage_dir:
        servers = start_servers(ports, f"InstrumentationKey={KEY};IngestionEndpoint={endpoint}", storage_dir)
        try:
            flat_out, moderate = await measure(ports, rounds, duration_s)
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                await asyncio.to_thread(server.wait, 20)
    return int(not report(flat_out, moderate))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure what tracing costs one FastAPI endpoint.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--serve", nargs=4, metavar=("VARIANT", "PORT", "CONNECTION_STRING", "STORAGE_DIR"))
    options = parser.parse_args()
    if options.serve:
        serve(options.serve[0], int(options.serve[1]), options.serve[2], options.serve[3])
    else:
        sys.exit(uvloop.run(main(options.rounds, options.seconds)))
