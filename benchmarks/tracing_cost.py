"""What tracing costs one FastAPI endpoint: untraced, with this library, with opencensus-ext-fastapi.

    python benchmarks/tracing_cost.py [--rounds 5] [--seconds 4]

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
from pathlib import Path
from statistics import median
from typing import cast

import uvloop
from load_generator import Measured, load

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
        self._transport, self._missing = cast("asyncio.Transport", transport), 0

    def data_received(self, data: bytes) -> None:
        Sink.items += data.count(b'"baseType"')
        if not self._missing:
            head, _, data = data.partition(b"\r\n\r\n")
            self._missing = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self._missing -= len(data)
        if not self._missing:
            self._transport.write(self._answer)


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


async def measure(ports: dict[str, int], rounds: int, duration_s: float) -> None:
    """Measure the variants in turn, and print the table."""
    for port in ports.values():
        await wait_until_served(port)
        await load(port, "/values/4", CONNECTIONS, 1.0)
    flat_out: dict[str, list[Measured]] = {variant: [] for variant in ports}
    moderate: dict[str, list[Measured]] = {variant: [] for variant in ports}
    for _ in range(rounds):
        for variant, port in ports.items():
            flat_out[variant].append(await load(port, "/values/4", CONNECTIONS, duration_s))
            await asyncio.sleep(1.0)  # what is queued is exported before the next variant's turn
        rate = min(runs[-1].throughput for runs in flat_out.values()) * MODERATE_LOAD
        for variant, port in ports.items():
            moderate[variant].append(await load(port, "/values/4", CONNECTIONS, duration_s, rate))
            await asyncio.sleep(0.6)
    print(f"{'variant':<14}{'requests/s':>12}{'ratio':>8}{'p50 ms':>9}{'ratio':>8}{'p99 ms':>9}{'ratio':>8}", end="")
    print(f"{'| p50 ms at':>13} {rate:5.0f}/s{'ratio':>8}{'p99 ms':>9}{'ratio':>8}")
    for variant in ports:
        cells = [column(flat_out, variant, lambda run: run.throughput, 12, 0)]
        cells += [column(flat_out, variant, lambda run, p=p: run.percentile_ms(p), 9, 2) for p in (50, 99)]
        cells += [column(moderate, variant, lambda run: run.percentile_ms(50), 21, 2)]
        cells += [column(moderate, variant, lambda run: run.percentile_ms(99), 9, 2)]
        print(f"{variant:<14}{''.join(cells)}")
    print(f"{Sink.items} items of telemetry arrived.")


def column(runs: dict[str, list[Measured]], variant: str, figure, width: int, digits: int) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """A figure and its ratio to the untraced variant, each the median of the rounds."""
    values = [figure(run) for run in runs[variant]]
    base = [figure(run) for run in runs["untraced"]]
    ratio = median(value / other for value, other in zip(values, base, strict=True))
    return f"{median(values):>{width}.{digits}f}{ratio:>8.2f}"


async def main(rounds: int, duration_s: float) -> None:
    """Start the endpoint and the servers, measure, and stop them."""
    sink = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    connection_string = (
        f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:{sink.sockets[0].getsockname()[1]}"
    )
    ports = {variant: free_port() for variant in VARIANTS}
    environment = {**os.environ, "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true"}
    with tempfile.TemporaryDirectory() as storage_dir:
        servers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    __file__,
                    "--serve",
                    variant,
                    str(port),
                    connection_string,
                    storage_dir,
                ],
                env=environment,
            )
            for variant, port in ports.items()
        ]
        try:
            await measure(ports, rounds, duration_s)
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                await asyncio.to_thread(server.wait, 20)
    sink.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure what tracing costs one FastAPI endpoint.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--serve", nargs=4, metavar=("VARIANT", "PORT", "CONNECTION_STRING", "STORAGE_DIR"))
    options = parser.parse_args()
    if options.serve:
        serve(options.serve[0], int(options.serve[1]), options.serve[2], options.serve[3])
    else:
        uvloop.run(main(options.rounds, options.seconds))
