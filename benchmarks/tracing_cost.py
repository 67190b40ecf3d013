"""Measure the cost of tracing one FastAPI endpoint, with this library and with others.

    PYTHONPATH=. python benchmarks/tracing_cost.py [--rounds 3] [--seconds 2]

uvicorn serves each variant in a separate process, with its real exporter, which sends to an endpoint that accepts
everything. The variants alternate, so that other load on the machine affects all of them. Results are ratios to the
untraced variant of the same round; the median of the rounds counts. At full load, latency only mirrors throughput, so
latency is also measured at a fixed, moderate rate. The CPU time of the server per request is the value that other
programs disturb least.

OpenTelemetry runs in a separate environment, which is created from benchmarks/opentelemetry.lock when it is missing; if
that fails, only the other variants are measured.
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
MODERATE_LOAD = 0.25  # of the throughput of the slowest variant
TARGETS_OF = "uvloop, httptools"

Runs = dict[str, list[Measured]]


@dataclass
class Served:
    """A variant that is being served."""

    process: subprocess.Popen[bytes]
    port: int
    sink: Sink

    async def load(self, duration_s: float, rate: float = 0.0) -> Measured:
        """Load the server, then wait until its queue is exported."""
        process = psutil.Process(self.process.pid)
        before_s = sum(process.cpu_times()[:2])
        measured = await load(self.port, PATH, CONNECTIONS, duration_s, rate)
        await asyncio.sleep(1.0)
        measured.server_cpu_s = sum(process.cpu_times()[:2]) - before_s
        return measured


async def serve(variants: Iterable[str], server: str, storage_dir: str) -> dict[str, Served]:
    """Start one server per variant and wait until all respond."""
    served = {}
    for variant in variants:
        sink = Sink()
        await sink.listen()
        port = free_port()
        process = start(variant, server, str(port), sink.url, storage_dir)
        served[variant] = Served(process, port, sink)
    for each in served.values():
        await wait_until_ready(each.port)
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


async def wait_until_ready(port: int) -> None:
    """Wait until the server responds."""
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
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def measure(served: dict[str, Served], rounds: int, duration_s: float) -> tuple[Runs, Runs]:
    """Measure the variants in turn: at full load and at a moderate rate."""
    full_load: Runs = {variant: [] for variant in served}
    moderate: Runs = {variant: [] for variant in served}
    for _ in range(rounds):
        for variant, each in served.items():
            full_load[variant].append(await each.load(duration_s))
        rate = min(throughput(runs[-1]) for runs in full_load.values()) * MODERATE_LOAD
        for variant, each in served.items():
            moderate[variant].append(await each.load(duration_s, rate))
    return full_load, moderate


def ratio(runs: Runs, variant: str, value: Callable[[Measured], float], base: str = "untraced") -> float:
    """Return the median over the rounds of the ratio of one variant's value to another's."""
    pairs = zip(runs[variant], runs[base], strict=True)
    return median(value(run) / value(other) for run, other in pairs)


def throughput(run: Measured) -> float:
    """Return responses per second."""
    return len(run.latencies_s) / run.elapsed_s


def processor_us(run: Measured) -> float:
    """Return the CPU time of the server per request in microseconds, including the export."""
    return run.server_cpu_s * 1e6 / len(run.latencies_s)


def p50(run: Measured) -> float:
    """Return the median latency in milliseconds."""
    return run.percentile_ms(50)


def p99(run: Measured) -> float:
    """Return the 99th percentile of the latency in milliseconds."""
    return run.percentile_ms(99)


def report(server: str, full_load: Runs, moderate: Runs, items: dict[str, int]) -> None:
    """Print the table of one server configuration."""
    columns: list[tuple[str, Runs, Callable[[Measured], float]]] = [
        ("requests/s", full_load, throughput),
        ("CPU us", full_load, processor_us),
        ("p50 ms", full_load, p50),
        ("p99 ms", full_load, p99),
        ("p50 ms, moderate", moderate, p50),
        ("p99 ms, moderate", moderate, p99),
    ]
    print(f"\n{server}\n{'':<14}" + "".join(f"{title:>17}{'ratio':>6}" for title, _, _ in columns) + "   items/request")
    for variant in full_load:
        cells = "".join(
            f"{median(value(run) for run in runs[variant]):>17.2f}{ratio(runs, variant, value):>6.2f}"
            for _, runs, value in columns
        )
        requests = sum(len(run.latencies_s) for run in full_load[variant] + moderate[variant])
        print(f"{variant:<14}{cells}{items[variant] / requests:>16.2f}")


def targets(full_load: Runs, moderate: Runs) -> bool:
    """Print the targets and the measured values; return True when all targets were reached."""
    print()
    reached = [
        target("p50 latency at a moderate rate, of untraced", ratio(moderate, "telemetry", p50), at_most=1.15),
        target("throughput, of untraced", ratio(full_load, "telemetry", throughput), at_least=0.55),
        target("throughput, of ext-fastapi", ratio(full_load, "telemetry", throughput, "ext-fastapi"), at_least=2.0),
    ]
    return all(reached)


def target(what: str, value: float, *, at_least: float = 0.0, at_most: float = float("inf")) -> bool:
    """Print a value and its target; return True when the target was reached."""
    reached = at_least <= value <= at_most
    expected = f">= {at_least}" if at_least else f"<= {at_most}"
    print(f"{'reached' if reached else 'MISSED':<8} {what}: {value:.2f} (target {expected})")
    return reached


def measured_variants() -> list[str]:
    """Return the variants that can be measured here; print the reason when one cannot."""
    lock = Path("benchmarks", "opentelemetry.lock")
    created = subprocess.run(
        ["running/locked_venv.sh", OPENTELEMETRY_DIR, sys.executable, lock], cwd=PROJECT_DIR, check=False
    )
    if created.returncode:
        print("OpenTelemetry is not measured: its packages could not be fetched (see above).")
        return [variant for variant in VARIANTS if variant not in OF_OPENTELEMETRY]
    return list(VARIANTS)


async def main(rounds: int, duration_s: float) -> int:
    """Measure; return 1 when a target was missed, else 0."""
    reached = True
    variants = measured_variants()
    print(f"{CONNECTIONS} connections, {rounds} rounds of {duration_s:g} s; load average {os.getloadavg()[0]:.1f}")
    for server in SERVERS:
        served: dict[str, Served] = {}
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as storage_dir:
            try:
                served = await serve(variants, server, storage_dir)
                full_load, moderate = await measure(served, rounds, duration_s)
            finally:
                for each in served.values():
                    each.process.terminate()
                for each in served.values():
                    with suppress(subprocess.TimeoutExpired):
                        await asyncio.to_thread(each.process.wait, 20)
                    each.process.kill()
        report(server, full_load, moderate, {variant: each.sink.items for variant, each in served.items()})
        if server == TARGETS_OF:
            reached = targets(full_load, moderate)
    return int(not reached)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the cost of tracing one FastAPI endpoint.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    sys.exit(uvloop.run(main(options.rounds, options.seconds)))
