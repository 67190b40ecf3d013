import time
from typing import NamedTuple

import psutil
import pytest

from telemetry._internal.envelopes.envelopes import Resource
from telemetry._internal.metrics import counters
from telemetry._internal.metrics.aggregates import Aggregates
from telemetry._internal.metrics.counters import ProcessCounters
from telemetry._internal.metrics.report import MetricReport
from telemetry._internal.metrics.standard import EXCEPTION_COUNT, REQUEST_DURATION
from telemetry.testing import SteppingClock


class CpuTimes(NamedTuple):
    """The CPU times of psutil on Linux."""

    user: float
    system: float
    idle: float
    iowait: float
    guest: float
    guest_nice: float


def test_cpu_time_is_that_of_the_interval_including_the_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([CpuTimes(1000, 500, 200, 0, 0, 0), CpuTimes(1030, 510, 250, 10, 10, 0)])
    monkeypatch.setattr(psutil, "cpu_times", lambda: next(readings))
    machine_cpu = ProcessCounters(SteppingClock()).read()[counters.MACHINE_CPU]
    assert machine_cpu == pytest.approx(100 * (30 + 10) / (30 + 10 + 50 + 10))


def test_process_cpu_increases_with_work() -> None:
    read = ProcessCounters(time)
    began = time.process_time()
    while time.process_time() < began + 0.1:
        pass
    busy = read.read()
    time.sleep(0.2)
    idle = read.read()
    assert busy[counters.PROCESS_CPU] > 2 * idle[counters.PROCESS_CPU]
    cores = psutil.cpu_count() or 1
    assert busy[counters.PROCESS_CPU_NORMALIZED] == pytest.approx(busy[counters.PROCESS_CPU] / cores)


def test_memory_counters_are_those_of_the_process_and_the_machine() -> None:
    read = ProcessCounters(time).read()
    rss = psutil.Process().memory_info().rss
    assert read[counters.PROCESS_MEMORY] == pytest.approx(rss, rel=0.2)
    assert rss < read[counters.MACHINE_MEMORY] < psutil.virtual_memory().total


def test_counter_that_the_system_does_not_provide_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_args: object) -> None:
        raise psutil.AccessDenied

    read = ProcessCounters(time)
    monkeypatch.setattr(psutil.Process, "memory_info", deny)
    found = read.read()
    assert counters.PROCESS_CPU in found
    assert counters.PROCESS_MEMORY not in found


def test_rates_use_the_elapsed_time() -> None:
    clock, aggregates = SteppingClock(step_s=0.0), Aggregates()
    aggregates.is_open = True
    report = MetricReport(aggregates, Resource({}), clock)
    for _ in range(30):
        aggregates.add(REQUEST_DURATION, ("200", True), 40.0)
    aggregates.add(REQUEST_DURATION, ("500", False), 100.0)
    aggregates.add(EXCEPTION_COUNT, (), 1.0)
    clock.advance(62)
    values = {
        point["name"]: point["value"]
        for envelope in report.envelopes()
        for point in envelope["data"]["baseData"]["metrics"]
    }
    assert values[counters.REQUEST_RATE] == pytest.approx(31 / 62)
    assert values[counters.EXCEPTION_RATE] == pytest.approx(1 / 62)
    assert values[counters.REQUEST_TIME] == pytest.approx((30 * 40 + 100) / 31)


def test_heartbeat_is_sent_every_15_minutes() -> None:
    clock = SteppingClock(step_s=0.0)
    report = MetricReport(Aggregates(), Resource({"ai.internal.sdkVersion": "py"}), clock)
    beats = []
    for _minute in range(31):
        clock.advance(60)
        items = (envelope["data"]["baseData"] for envelope in report.envelopes())
        beats.append([item for item in items if item["metrics"][0]["name"] == "HeartbeatState"])
    assert [minute for minute, found in enumerate(beats) if found] == [0, 15, 30]
    assert {item["metrics"][0]["value"] for found in beats for item in found} == {0.0}
    assert len({item["properties"]["processSessionId"] for found in beats for item in found}) == 1


def test_final_report_contains_only_aggregates() -> None:
    clock, aggregates = SteppingClock(), Aggregates()
    aggregates.is_open = True
    report = MetricReport(aggregates, Resource({}), clock)
    assert report.envelopes(final=True) == []
    aggregates.add(EXCEPTION_COUNT, (), 1.0)
    assert len(report.envelopes(final=True)) == 1
