"""What tracing costs one FastAPI endpoint, beside what others ask for it.

    PYTHONPATH=. python benchmarks/tracing_cost.py [--rounds 3] [--seconds 2]

Each variant is served by uvicorn in a process of its own, with its real exporter, which sends to an endpoint that
accepts everything. The variants take turns, so that a busy moment of the machine hits all. Figures are ratios to the
untraced variant of the same round; the median of the rounds counts. Run flat out, one waits for the other and latency
only mirrors throughput; so latency is also measured at a fixed, moderate rate. The server's processor time a request is
the figure that other programs on the machine disturb least.

OpenTelemetry is measured in an environment of its own, made from benchmarks/opentelemetry.lock when it is missing;
where that fails the other variants are measured without it.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
import uvloop

from benchmarks.tracing.http_load import Measured, Sink, load
from benchmarks.tracing.variants import ENVIRONMENT, OF_OPENTELEMETRY, SERVERS, VARIANTS

PROJECT_DIR = Path(__file__).resolve().parents[1]
OPENTELEMETRY_DIR = Path(".local", "opentelemetry")
CONNECTIONS = 16
PATH = "/values/4"
MODERATE_LOAD = 0.25  # of what the slowest variant can do
TARGETS_OF = "uvloop, httptools"

Runs = dict[str, list[Measured]]


@dataclass
class Served:
    """A variant that is being served."""

    process: subprocess.Popen[bytes]
    port: int
    sink: Sink

    async def load(self, duration_s: float, rate: float = 0.0) -> Measured:
        """Load it, then wait until what is queued is exported."""
        process = psutil.Process(self.process.pid)
        before_s = sum(process.cpu_times()[:2])
        measured = await load(self.port, PATH, CONNECTIONS, duration_s, rate)
        await asyncio.sleep(1.0)
        measured.server_cpu_s = sum(process.cpu_times()[:2]) - before_s
        return measured


async def serve(variants: Iterable[str], server: str, storage_dir: str) -> dict[str, Served]:
    """Start one server a variant, and wait until all answer."""
    served = {}
    for variant in variants:
        sink = Sink()
        await sink.listen()
        port = free_port()
        process = start(variant, server, str(port), sink.url, storage_dir)
        served[variant] = Served(process, port, sink)
    for each in served.values():
        await wait_until_answered(each.port)
        await each.load(1.0)
        each.sink.bodies.clear()
    return served


def start(variant: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the server of a variant."""
    python = PROJECT_DIR / OPENTELEMETRY_DIR / "bin" / "python" if variant in OF_OPENTELEMETRY else sys.executable
    return subprocess.Popen(
        [python, "-W", "ignore", "-m", "benchmarks.tracing.variants", variant, *arguments],
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(PROJECT_DIR)},
    )


async def wait_until_answered(port: int) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            await load(port, PATH, 1, 0.05)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    message = f"expected a server on port {port} within 60 s"
    raise TimeoutError(message)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def measure(served: dict[str, Served], rounds: int, duration_s: float) -> tuple[Runs, Runs]:
    """Measure the variants in turn: flat out, and at a moderate rate."""
    flat_out: Runs = {variant: [] for variant in served}
    moderate: Runs = {variant: [] for variant in served}
    for _ in range(rounds):
        for variant, each in served.items():
            flat_out[variant].append(await each.load(duration_s))
        rate = min(throughput(runs[-1]) for runs in flat_out.values()) * MODERATE_LOAD
        for variant, each in served.items():
            moderate[variant].append(await each.load(duration_s, rate))
    return flat_out, moderate


def ratio(runs: Runs, variant: str, figure: Callable[[Measured], float], base: str = "untraced") -> float:
    """A figure of one variant to that of another, round by round; the median of the rounds."""
    pairs = zip(runs[variant], runs[base], strict=True)
    return median(figure(run) / figure(other) for run, other in pairs)


def throughput(run: Measured) -> float:
    """Answers a second."""
    return len(run.latencies_s) / run.elapsed_s


def processor_us(run: Measured) -> float:
    """Processor time of the server, exporting included, microseconds a request."""
    return run.server_cpu_s * 1e6 / len(run.latencies_s)


def p50(run: Measured) -> float:
    """Median latency, milliseconds."""
    return run.percentile_ms(50)


def p99(run: Measured) -> float:
    """99th percentile of latency, milliseconds."""
    return run.percentile_ms(99)


def report(server: str, flat_out: Runs, moderate: Runs, items: dict[str, int]) -> None:
    """Print the table of one kind of server."""
    columns: list[tuple[str, Runs, Callable[[Measured], float]]] = [
        ("requests/s", flat_out, throughput),
        ("CPU us", flat_out, processor_us),
        ("p50 ms", flat_out, p50),
        ("p99 ms", flat_out, p99),
        ("p50 ms, moderate", moderate, p50),
        ("p99 ms, moderate", moderate, p99),
    ]
    print(f"\n{server}\n{'':<14}" + "".join(f"{title:>17}{'ratio':>6}" for title, _, _ in columns) + "   items/request")
    for variant in flat_out:
        cells = "".join(
            f"{median(figure(run) for run in runs[variant]):>17.2f}{ratio(runs, variant, figure):>6.2f}"
            for _, runs, figure in columns
        )
        requests = sum(len(run.latencies_s) for run in flat_out[variant] + moderate[variant])
        print(f"{variant:<14}{cells}{items[variant] / requests:>16.2f}")


def targets(flat_out: Runs, moderate: Runs) -> bool:
    """Print the targets beside the figures; whether all were reached."""
    print()
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


def measured_variants() -> list[str]:
    """The variants that can be measured here; says why when some cannot."""
    lock = Path("benchmarks", "opentelemetry.lock")
    made = subprocess.run(
        ["running/locked_venv.sh", OPENTELEMETRY_DIR, sys.executable, lock], cwd=PROJECT_DIR, check=False
    )
    if made.returncode:
        print("OpenTelemetry is not measured: its packages could not be fetched (see above).")
        return [variant for variant in VARIANTS if variant not in OF_OPENTELEMETRY]
    return list(VARIANTS)


async def main(rounds: int, duration_s: float) -> int:
    """Measure. Returns 1 when a target was missed, else 0."""
    reached = True
    variants = measured_variants()
    print(f"{CONNECTIONS} connections, {rounds} rounds of {duration_s:g} s; load average {os.getloadavg()[0]:.1f}")
    for server in SERVERS:
        served: dict[str, Served] = {}
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as storage_dir:
            try:
                served = await serve(variants, server, storage_dir)
                flat_out, moderate = await measure(served, rounds, duration_s)
            finally:
                for each in served.values():
                    each.process.terminate()
                for each in served.values():
                    with suppress(subprocess.TimeoutExpired):
                        await asyncio.to_thread(each.process.wait, 20)
                    each.process.kill()
        report(server, flat_out, moderate, {variant: each.sink.items for variant, each in served.items()})
        if server == TARGETS_OF:
            reached = targets(flat_out, moderate)
    return int(not reached)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure what tracing costs one FastAPI endpoint.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    sys.exit(uvloop.run(main(options.rounds, options.seconds)))
