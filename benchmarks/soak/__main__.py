"""Run a long steady load on an isolated mesh; restart insights every minute and MySQL once.

    make soak [SOAK_MINUTES=10] [SOAK_RATE=300]

Afterwards every input must have its complete tree, and the memory of no service may have grown. Exit code 1 otherwise.
"""

import argparse
import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles

import psutil

from benchmarks.soak.inputs import Inputs, send_inputs
from benchmarks.soak.trees import faults
from running.settings import Settings
from running.supervision import Supervisor
from running.waiting import wait_until
from support.isolated_mesh import isolated_mesh

SERVICES = ("frontend", "echo", "storage")
MAX_GROWTH = 1.25
"""Ratio of a service's memory at the end of the last minute to that at the end of the first."""
SECONDS_BETWEEN_INPUTS = 0.5
"""Of one connection: a slower response delays the next input. Idle connections are closed after 5 s."""
ARRIVED_WITHIN_S = 120
WAITING = "*/*.blob*"

Memory = dict[str, float]


class Soak:
    """Restarts of programs of the mesh, and their memory."""

    def __init__(self, settings: Settings, minutes: int) -> None:
        self._settings = settings
        self._supervisor = Supervisor(settings.state_dir)
        self._minutes = minutes
        self.memory_mb: list[Memory] = []
        """Memory of every program at the end of every minute."""

    async def disturb(self) -> None:
        """Restart insights in the middle of every minute, and MySQL once, halfway."""
        began = time.monotonic()
        for minute in range(self._minutes):
            await _until(began + 60 * minute + 30)
            await asyncio.to_thread(self._restart, "insights")
            if minute == self._minutes // 2:
                await asyncio.to_thread(self._restart, "mysql")
            await _until(began + 60 * minute + 59)
            self.memory_mb.append(self._memory())
            print(f"minute {minute + 1:3}   {_megabytes(self.memory_mb[-1])}", flush=True)

    def processor_s(self) -> dict[str, float]:
        """Return the CPU time of every program so far, in seconds."""
        return {
            name: sum(psutil.Process(process.pid).cpu_times()[:2])
            for name, process in self._supervisor.processes().items()
        }

    def finish(self) -> Path:
        """Wait until all telemetry is delivered, stop the mesh, and return the path of the database file."""
        undelivered = self._settings.state_dir / "undelivered"
        wait_until(lambda: not any(undelivered.glob(WAITING)), ARRIVED_WITHIN_S)
        for program in ("frontend", "echo", "storage", "insights"):
            self._supervisor.stop_program(program)
        if left := list(undelivered.glob(WAITING)):
            print(f"{len(left)} files of telemetry were still waiting after {ARRIVED_WITHIN_S} s")
        return self._settings.state_dir / "insights" / "insights.duckdb"

    def _restart(self, program: str) -> None:
        self._supervisor.stop_program(program)
        self._supervisor.start_program(program)

    def _memory(self) -> Memory:
        """Return the resident memory of every program and its child processes, in MB."""
        memory = {}
        for name, process in self._supervisor.processes().items():
            if process.pid:
                parent = psutil.Process(process.pid)
                family = [parent, *parent.children(recursive=True)]
                memory[name] = sum(each.memory_info().rss for each in family) / 1e6
        return memory


async def _until(time_s: float) -> None:
    await asyncio.sleep(max(0.0, time_s - time.monotonic()))


def _megabytes(memory: Mapping[str, float]) -> str:
    return "   ".join(f"{name} {megabytes:4.0f} MB" for name, megabytes in memory.items())


async def _run(soak: Soak, settings: Settings, inputs: Inputs, options: argparse.Namespace) -> None:
    duration_s = 60 * options.minutes
    connections = math.ceil(options.rate * SECONDS_BETWEEN_INPUTS)
    load = send_inputs(settings.url("frontend"), inputs, options.rate, connections, duration_s)
    await asyncio.gather(load, soak.disturb())


def main(options: argparse.Namespace) -> int:
    """Run the load and print the results; return 1 when a tree is incomplete or the memory of a service has grown."""
    inputs = Inputs()
    with isolated_mesh() as settings:
        soak = Soak(settings, options.minutes)
        print(
            f"{options.rate:g} inputs/s for {options.minutes} min; load average {psutil.getloadavg()[0]:.1f}",
            flush=True,
        )
        before_s = soak.processor_s()
        asyncio.run(_run(soak, settings, inputs, options))
        after_s = soak.processor_s()
        found = faults(soak.finish(), inputs.statuses)
    statuses = {int(status): times for status, times in sorted(Counter(inputs.statuses.values()).items())}
    cuts = quantiles(inputs.latencies_s, n=100)
    print(f"{len(inputs.statuses):,} inputs, {len(inputs.statuses) / options.minutes / 60:.0f} a second: {statuses}")
    print(f"responses: p50 {1000 * median(inputs.latencies_s):.0f} ms, p99 {1000 * cuts[98]:.0f} ms", end="; ")
    print(f"latest departure {inputs.latest_s:.1f} s; without a response: {inputs.without_response}")
    spent = ((service, 1000 * (after_s[service] - before_s[service]) / len(inputs.statuses)) for service in SERVICES)
    print("processor time an input: " + ", ".join(f"{service} {spent_ms:.1f} ms" for service, spent_ms in spent))
    print(f"inputs without a complete tree: {found.total()}")
    for fault, times in found.most_common(20):
        print(f"{times:8}  {fault}")
    grown = _grown(soak.memory_mb)
    return int(bool(found or grown or inputs.without_response))


def _grown(memory_mb: list[Memory]) -> list[str]:
    """Print the memory of the services; return those whose memory has grown by more than MAX_GROWTH."""
    shown = sorted({0, min(4, len(memory_mb) - 1), len(memory_mb) - 1})
    grown = []
    for service in SERVICES:
        values = "   ".join(f"minute {minute + 1}: {memory_mb[minute][service]:.0f} MB" for minute in shown)
        growth = memory_mb[-1][service] / memory_mb[0][service]
        print(f"{service:9} {values}   {growth:.2f}x")
        if growth > MAX_GROWTH:
            grown.append(service)
    return grown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="A long steady load on the mesh.")
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=float, default=300, help="inputs a second")
    sys.exit(main(parser.parse_args()))
