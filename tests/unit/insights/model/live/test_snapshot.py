"""Figures over servers, checked against sums over the same reports and items."""

import random
from collections import defaultdict

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Condition, Predicate, TelemetryType
from local_insights.model.live.configuration import CustomMetric, LiveConfiguration
from local_insights.model.live.live_state import LiveState
from local_insights.model.live.second import Aggregation
from local_insights.model.live.snapshot import MEASURES, Snapshot, snapshot
from support.live_reports import (
    CALL_DURATION,
    CALLS,
    CALLS_FAILED,
    CPU,
    DURATION,
    EXCEPTIONS,
    FAILED,
    JAVASCRIPT,
    MEMORY,
    NOON_S,
    RATE,
    point,
    reported,
)
from support.stored_items import NOTHING, SECOND_US, call, in_process, request

NOON_US = int(NOON_S) * SECOND_US
SLOW_CALLS = CustomMetric(
    TelemetryType.DEPENDENCY,
    "Duration",
    Aggregation.MAXIMUM,
    (Condition("Target", Predicate.CONTAINS, "mysql"),),
)
COUNTED = CustomMetric(
    TelemetryType.REQUEST, "Count()", Aggregation.SUM, (Condition("Success", Predicate.EQUAL, "true"),)
)


def seen(board: LiveState, at_s: float = NOON_S + 1, server_id: str = "") -> Snapshot:
    """What the board shows once the second after noon is over."""
    return snapshot(board.copy(at_s), server_id)


def latest(board: LiveState, at_s: float = NOON_S + 1) -> dict[str, float | None]:
    shown = seen(board, at_s)
    return {measure: shown.latest(measure) for measure in shown.series}


def test_rates_and_bytes_are_summed_durations_weighed_cpu_averaged() -> None:
    board = reported(
        point({RATE: 8, FAILED: 1, DURATION: 20, MEMORY: 100, CPU: 10, EXCEPTIONS: 1}, sdk=JAVASCRIPT, stream="1"),
        point({RATE: 2, FAILED: 2, DURATION: (70, 2), MEMORY: 300, CPU: 40, CALLS: 5}, stream="2"),
        point({CALLS: 1, CALLS_FAILED: 1, CALL_DURATION: 9}, stream="3"),
    )
    assert latest(board) == {
        "requests_per_second": 10,
        "request_duration_ms": pytest.approx((8 * 20 + 2 * 70) / 10),
        "failed_requests_per_second": 3,
        "calls_per_second": 6,
        "call_duration_ms": 9,
        "failed_calls_per_second": 1,
        "memory_bytes": 400,
        "cpu_percent": 25,
        "exceptions_per_second": 1,
    }


def test_one_server_is_looked_at_alone() -> None:
    board = reported(point({RATE: 8}, stream="1", instance="a"), point({RATE: 2}, stream="2", instance="b"))
    first, second = seen(board).servers
    assert [seen(board, server_id=one.id).latest("requests_per_second") for one in (first, second)] == [8, 2]
    assert len(seen(board, server_id=first.id).servers) == 2


def test_before_the_first_server_there_are_no_figures() -> None:
    board = reported(point({RATE: 8}))
    assert seen(board, NOON_S + 3).series["requests_per_second"][-4:] == (None, 8, 0, 0)
    assert set(seen(LiveState()).series["requests_per_second"]) == {None}


def test_memory_holds_until_it_is_reported_again() -> None:
    board = reported(point({MEMORY: 100, CPU: 5}))
    shown = seen(board, NOON_S + 3)
    assert shown.series["memory_bytes"][-4:] == (None, 100, 100, 100)
    assert shown.servers[0].values["memory_bytes"] == 100


def test_window_is_a_minute() -> None:
    board = reported(point({RATE: 8}))
    for wait_s, expected in ((60, 8), (61, None)):
        shown = seen(board, NOON_S + wait_s).series["requests_per_second"]
        assert len(shown) == 60
        assert shown[0] == expected


def random_items(chance: random.Random) -> list[Item]:
    """Items of two servers that ended in the eight seconds before noon."""
    items = []
    for number in range(400):
        make = chance.choice([request, call, in_process])
        duration_us = chance.randrange(1, 900_000)
        ended_us = NOON_US - chance.randrange(1, 8 * SECOND_US)
        items.append(
            make(
                chance.choice(["orders", "billing"]),
                f"{number:016x}",
                time_us=ended_us - duration_us,
                duration_us=duration_us,
                success=chance.random() < 0.7,
                item_count=chance.choice([1, 2, 10]),
                target=chance.choice(["mysql", "cache"]),
            )
        )
        if chance.random() < 0.2:
            items.append(items[-1]._replace(item_type=ItemType.EXCEPTION, duration_us=None, time_us=ended_us))
    return items


@pytest.mark.parametrize("seed", range(5))
def test_telemetry_is_counted_as_plain_loops_count_it(seed: int) -> None:
    items = random_items(random.Random(seed))  # noqa: S311 (sample data)
    board = LiveState()
    board.configure(LiveConfiguration(metrics=(SLOW_CALLS, COUNTED)))
    board.observe(items, NOON_S)
    # Shown as late as the oldest item is, each server by itself.
    late_us = {
        role: NOON_US - min(item.time_us + (item.duration_us or 0) for item in items if item.role == role)
        for role in ("orders", "billing")
    }
    expected: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for item in items:
        second = expected[(item.time_us + (item.duration_us or 0) + late_us[item.role]) // SECOND_US]
        kind = {"request": "requests", "dependency": "calls"}.get(item.item_type, "exceptions")
        if item.dependency_type == "INPROC" and kind == "calls":
            kind = "none"
        second[kind] += item.item_count
        second[f"failed_{kind}"] += 0 if item.success else item.item_count
        second[f"{kind}_ms"] += item.item_count * (item.duration_us or 0) / 1000
        if item.item_type == "dependency" and item.target == "mysql":
            second["slowest"] = max(second["slowest"], (item.duration_us or 0) / 1000)
        if item.item_type == "request" and item.success:
            second["succeeded"] += item.item_count
    shown = seen(board, NOON_S + 9)
    for place in range(-9, 0):
        second = expected[shown.second + 1 + place]
        figures = {measure: values[place] for measure, values in shown.series.items()}
        assert figures["requests_per_second"] == second["requests"]
        assert figures["failed_requests_per_second"] == second["failed_requests"]
        assert figures["calls_per_second"] == second["calls"]
        assert figures["failed_calls_per_second"] == second["failed_calls"]
        assert figures["exceptions_per_second"] == second["exceptions"]
        assert (figures["request_duration_ms"] or 0) * second["requests"] == pytest.approx(second["requests_ms"])
        assert (figures["call_duration_ms"] or 0) * second["calls"] == pytest.approx(second["calls_ms"])
        assert (figures[SLOW_CALLS.id] or 0) == second["slowest"]
        assert (figures[COUNTED.id] or 0) == second["succeeded"]
    assert sum(value or 0 for value in shown.series["requests_per_second"]) == sum(
        item.item_count for item in items if item.item_type == "request"
    )


def test_performance_counters_of_the_process_are_memory_and_cpu() -> None:
    counters = {
        r"\Process(??APP_WIN32_PROC??)\Private Bytes": 5e7,
        r"\Process(??APP_WIN32_PROC??)\% Processor Time": 6.9,
        r"\Process(??APP_WIN32_PROC??)\% Processor Time Normalized": 3.4,
        r"\Processor(_Total)\% Processor Time": 99.0,
    }
    board = LiveState()
    counter = NOTHING._replace(item_type=ItemType.PERFORMANCE_COUNTER, time_us=NOON_US)
    board.observe([counter._replace(name=name, value=value) for name, value in counters.items()], NOON_S)
    assert latest(board)["memory_bytes"] == 5e7
    assert latest(board)["cpu_percent"] == 3.4


def test_custom_metric_of_servers_that_report_is_aggregated_as_asked() -> None:
    for aggregation, expected in (("Sum", 30), ("Avg", 16), ("Min", 10), ("Max", 20)):
        metric = CustomMetric(TelemetryType.REQUEST, "Count()", Aggregation(aggregation))
        board = LiveState()
        board.configure(LiveConfiguration(metrics=(metric,)))
        board.report([point({metric.id: (10, 2)}, stream="1"), point({metric.id: (20, 3)}, stream="2")], NOON_S)
        assert seen(board).latest(metric.id) == expected


def test_values_of_a_metric_that_is_no_longer_asked_for_are_not_shown() -> None:
    board = reported(point({COUNTED.id: 10}))
    assert set(seen(board).series) == set(MEASURES)
