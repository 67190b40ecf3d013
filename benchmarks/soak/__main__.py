"""A long steady load on a mesh of its own, in which insights is restarted every minute and MySQL once.

    make soak [SOAK_MINUTES=10] [SOAK_RATE=300]

Afterwards every input must have its complete tree, and no service may have grown. Exit code 1 otherwise.
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
"""Of a service's memory, from the end of the first minute to the end of the last."""
SECONDS_BETWEEN_INPUTS = 0.5
"""Of one connection: so long may an answer take before inputs leave late. Idle ones are closed after 5 s."""
ARRIVED_WITHIN_S = 120
WAITING = "*/*.blob*"

Memory = dict[str, float]


class Soak:
    """What is done to the mesh, and what is seen of it."""

    def __init__(self, settings: Settings, minutes: int) -> None:
        self._settings = settings
        self._supervisor = Supervisor(settings.state_dir)
        self._minutes = minutes
        self.memory_mb: list[Memory] = []
        """Of every program, at the end of every minute."""

    async def disturb(self) -> None:
        """Restart insights in the middle of every minute, and MySQL at half time."""
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
        """What the processes of every program have used of a processor so far, in seconds."""
        return {
            name: sum(psutil.Process(process.pid).cpu_times()[:2])
            for name, process in self._supervisor.processes().items()
        }

    def finish(self) -> Path:
        """Wait until nothing is on its way any more, stop the mesh, and name the file that has it all."""
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
        """Resident memory of every program and what it started, in MB."""
        memory = {}
        for name, process in self._supervisor.processes().items():
            if process.pid:
                parent = psutil.Process(process.pid)
                family = [parent, *parent.children(recursive=True)]
                memory[name] = sum(each.memory_info().rss for each in family) / 1e6
        return memory


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


def _megabytes(memory: Mapping[str, float]) -> str:
    return "   ".join(f"{name} {megabytes:4.0f} MB" for name, megabytes in memory.items())


async def _run(soak: Soak, settings: Settings, inputs: Inputs, options: argparse.Namespace) -> None:
    duration_s = 60 * options.minutes
    connections = math.ceil(options.rate * SECONDS_BETWEEN_INPUTS)
    load = send_inputs(settings.url("frontend"), inputs, options.rate, connections, duration_s)
    await asyncio.gather(load, soak.disturb())


def main(options: argparse.Namespace) -> int:
    """Run it and print the figures. Returns 1 when an input has no complete tree, or a service has grown."""
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
    print(f"answers: p50 {1000 * median(inputs.latencies_s):.0f} ms, p99 {1000 * cuts[98]:.0f} ms", end="; ")
    print(f"latest departure {inputs.latest_s:.1f} s; without an answer: {inputs.refused}")
    spent = ((service, 1000 * (after_s[service] - before_s[service]) / len(inputs.statuses)) for service in SERVICES)
    print("processor time an input: " + ", ".join(f"{service} {spent_ms:.1f} ms" for service, spent_ms in spent))
    print(f"inputs without a complete tree: {found.total()}")
    for fault, times in found.most_common(20):
        print(f"{times:8}  {fault}")
    grown = _grown(soak.memory_mb)
    return int(bool(found or grown or inputs.refused))


def _grown(memory_mb: list[Memory]) -> list[str]:
    """The services whose memory has grown by more than may be; prints how it went."""
    shown = sorted({0, min(4, len(memory_mb) - 1), len(memory_mb) - 1})
    grown = []
    for service in SERVICES:
        figures = "   ".join(f"minute {minute + 1}: {memory_mb[minute][service]:.0f} MB" for minute in shown)
        growth = memory_mb[-1][service] / memory_mb[0][service]
        print(f"{service:9} {figures}   {growth:.2f}x")
        if growth > MAX_GROWTH:
            grown.append(service)
    return grown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="A long steady load on the mesh.")
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=float, default=300, help="inputs a second")
    sys.exit(main(parser.parse_args()))
