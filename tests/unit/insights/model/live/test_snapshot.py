"""Values over servers, compared with sums over the same reports and items."""

import random
from collections import defaultdict

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Condition, Predicate, TelemetryType
from local_insights.model.live.configuration import CustomMetric, LiveConfiguration
from local_insights.model.live.live_state import LiveState
from local_insights.model.live.second import Aggregation
from local_insights.model.live.snapshot import MEASURES, Snapshot, snapshot
from support.items import EMPTY_ITEM, SECOND_US, call, in_process, request
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


def seen(live_state: LiveState, at_s: float = NOON_S + 1, server_id: str = "") -> Snapshot:
    """Return the snapshot at the end of the second after noon."""
    return snapshot(live_state.copy(at_s), server_id)


def latest(live_state: LiveState, at_s: float = NOON_S + 1) -> dict[str, float | None]:
    shown = seen(live_state, at_s)
    return {measure: shown.latest(measure) for measure in shown.series}


def test_rates_and_memory_are_summed_durations_weighted_cpu_averaged() -> None:
    live_state = reported(
        point({RATE: 8, FAILED: 1, DURATION: 20, MEMORY: 100, CPU: 10, EXCEPTIONS: 1}, sdk=JAVASCRIPT, stream="1"),
        point({RATE: 2, FAILED: 2, DURATION: (70, 2), MEMORY: 300, CPU: 40, CALLS: 5}, stream="2"),
        point({CALLS: 1, CALLS_FAILED: 1, CALL_DURATION: 9}, stream="3"),
    )
    assert latest(live_state) == {
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


def test_snapshot_of_one_server() -> None:
    live_state = reported(point({RATE: 8}, stream="1", instance="a"), point({RATE: 2}, stream="2", instance="b"))
    first, second = seen(live_state).servers
    assert [seen(live_state, server_id=one.id).latest("requests_per_second") for one in (first, second)] == [8, 2]
    assert len(seen(live_state, server_id=first.id).servers) == 2


def test_there_are_no_values_before_the_first_report() -> None:
    live_state = reported(point({RATE: 8}))
    assert seen(live_state, NOON_S + 3).series["requests_per_second"][-4:] == (None, 8, 0, 0)
    assert set(seen(LiveState()).series["requests_per_second"]) == {None}


def test_memory_is_unchanged_until_the_next_report() -> None:
    live_state = reported(point({MEMORY: 100, CPU: 5}))
    shown = seen(live_state, NOON_S + 3)
    assert shown.series["memory_bytes"][-4:] == (None, 100, 100, 100)
    assert shown.servers[0].values["memory_bytes"] == 100


def test_window_is_one_minute() -> None:
    live_state = reported(point({RATE: 8}))
    for wait_s, expected in ((60, 8), (61, None)):
        shown = seen(live_state, NOON_S + wait_s).series["requests_per_second"]
        assert len(shown) == 60
        assert shown[0] == expected


def random_items(chance: random.Random) -> list[Item]:
    """Return items of two servers that ended in the eight seconds before noon."""
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
def test_telemetry_property_counts_match_a_reference(seed: int) -> None:
    items = random_items(random.Random(seed))  # noqa: S311 (sample data)
    live_state = LiveState()
    live_state.configure(LiveConfiguration(metrics=(SLOW_CALLS, COUNTED)))
    live_state.observe(items, NOON_S)
    # The delay of each server is the age of its oldest item.
    delay_us = {
        role: NOON_US - min(item.time_us + (item.duration_us or 0) for item in items if item.role == role)
        for role in ("orders", "billing")
    }
    expected: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for item in items:
        second = expected[(item.time_us + (item.duration_us or 0) + delay_us[item.role]) // SECOND_US]
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
    shown = seen(live_state, NOON_S + 9)
    for index in range(-9, 0):
        second = expected[shown.second + 1 + index]
        values = {measure: series[index] for measure, series in shown.series.items()}
        assert values["requests_per_second"] == second["requests"]
        assert values["failed_requests_per_second"] == second["failed_requests"]
        assert values["calls_per_second"] == second["calls"]
        assert values["failed_calls_per_second"] == second["failed_calls"]
        assert values["exceptions_per_second"] == second["exceptions"]
        assert (values["request_duration_ms"] or 0) * second["requests"] == pytest.approx(second["requests_ms"])
        assert (values["call_duration_ms"] or 0) * second["calls"] == pytest.approx(second["calls_ms"])
        assert (values[SLOW_CALLS.id] or 0) == second["slowest"]
        assert (values[COUNTED.id] or 0) == second["succeeded"]
    assert sum(value or 0 for value in shown.series["requests_per_second"]) == sum(
        item.item_count for item in items if item.item_type == "request"
    )


def test_memory_and_cpu_are_read_from_performance_counters() -> None:
    counters = {
        r"\Process(??APP_WIN32_PROC??)\Private Bytes": 5e7,
        r"\Process(??APP_WIN32_PROC??)\% Processor Time": 6.9,
        r"\Process(??APP_WIN32_PROC??)\% Processor Time Normalized": 3.4,
        r"\Processor(_Total)\% Processor Time": 99.0,
    }
    live_state = LiveState()
    counter = EMPTY_ITEM._replace(item_type=ItemType.PERFORMANCE_COUNTER, time_us=NOON_US)
    live_state.observe([counter._replace(name=name, value=value) for name, value in counters.items()], NOON_S)
    assert latest(live_state)["memory_bytes"] == 5e7
    assert latest(live_state)["cpu_percent"] == 3.4


def test_custom_metric_of_reporting_servers_is_aggregated() -> None:
    for aggregation, expected in (("Sum", 30), ("Avg", 16), ("Min", 10), ("Max", 20)):
        metric = CustomMetric(TelemetryType.REQUEST, "Count()", Aggregation(aggregation))
        live_state = LiveState()
        live_state.configure(LiveConfiguration(metrics=(metric,)))
        live_state.report([point({metric.id: (10, 2)}, stream="1"), point({metric.id: (20, 3)}, stream="2")], NOON_S)
        assert seen(live_state).latest(metric.id) == expected


def test_values_of_a_removed_custom_metric_are_not_shown() -> None:
    live_state = reported(point({COUNTED.id: 10}))
    assert set(seen(live_state).series) == set(MEASURES)
