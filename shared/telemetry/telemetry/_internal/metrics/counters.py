r"""Performance counters of the process and its machine, with the names that Application Insights uses.

The names are those of Windows on every system, because the CPU and memory charts of the portal use no others. A counter
that the system does not provide is left out.
"""

import logging
from collections.abc import Callable, Iterator

import psutil

from telemetry._internal.ids_and_clock import Clock

logger = logging.getLogger(__name__)

PROCESS_CPU = r"\Process(??APP_WIN32_PROC??)\% Processor Time"
PROCESS_CPU_NORMALIZED = r"\Process(??APP_WIN32_PROC??)\% Processor Time Normalized"
PROCESS_MEMORY = r"\Process(??APP_WIN32_PROC??)\Private Bytes"
MACHINE_CPU = r"\Processor(_Total)\% Processor Time"
MACHINE_MEMORY = r"\Memory\Available Bytes"
REQUEST_RATE = r"\ASP.NET Applications(??APP_W3SVC_PROC??)\Requests/Sec"
REQUEST_TIME = r"\ASP.NET Applications(??APP_W3SVC_PROC??)\Request Execution Time"
EXCEPTION_RATE = r"\.NET CLR Exceptions(??APP_CLR_PROC??)\# of Exceps Thrown / sec"


class ProcessCounters:
    """Reads CPU and memory counters. CPU times are those since the last read, or since this object was created.

    OpenCensus reads CPU times without an interval at first, and reports 100 percent.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = psutil.Process()
        self._cores = psutil.cpu_count() or 1
        self._read_at = clock.monotonic()
        self._process_s = self._process_cpu_s()
        self._machine = psutil.cpu_times()

    def read(self) -> dict[str, float]:
        """Return the counters in percent and bytes. `Private Bytes` is resident memory, as in Microsoft's SDKs."""
        found: dict[str, float] = {}
        for counters in (self._process_cpu, self._machine_cpu, self._memory):
            found |= _read_available(counters)
        return found

    def _process_cpu(self) -> Iterator[tuple[str, float]]:
        now, used_s = self._clock.monotonic(), self._process_cpu_s()
        elapsed_s = now - self._read_at
        percent = 100 * (used_s - self._process_s) / elapsed_s if elapsed_s > 0 else 0.0
        self._read_at, self._process_s = now, used_s
        yield PROCESS_CPU, percent
        yield PROCESS_CPU_NORMALIZED, percent / self._cores

    def _machine_cpu(self) -> Iterator[tuple[str, float]]:
        before, self._machine = self._machine, psutil.cpu_times()
        idle_s = _idle(self._machine) - _idle(before)
        total_s = _total(self._machine) - _total(before)
        if total_s > 0:
            yield MACHINE_CPU, min(max(100 * (1 - idle_s / total_s), 0.0), 100.0)

    def _memory(self) -> Iterator[tuple[str, float]]:
        yield PROCESS_MEMORY, float(self._process.memory_info().rss)
        yield MACHINE_MEMORY, float(psutil.virtual_memory().available)

    def _process_cpu_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def _read_available(counters: Callable[[], Iterator[tuple[str, float]]]) -> dict[str, float]:
    try:
        return dict(counters())
    except (psutil.Error, OSError):
        logger.debug("The system does not provide the counters of %s", counters.__name__, exc_info=True)
        return {}


def _idle(times: object) -> float:
    return float(getattr(times, "idle", 0.0)) + float(getattr(times, "iowait", 0.0))


def _total(times: tuple[float, ...]) -> float:
    # Linux counts the time of guests twice: as guest time and as user time.
    return sum(times) - float(getattr(times, "guest", 0.0)) - float(getattr(times, "guest_nice", 0.0))
