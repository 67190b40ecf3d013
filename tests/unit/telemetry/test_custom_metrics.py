import math
import threading
from decimal import Decimal
from typing import Any

import pytest

from support.recorded_telemetry import Recorded
from telemetry._internal.metrics import aggregates
from telemetry.testing import RecordedTelemetry


def test_measurements_are_aggregated_for_each_combination_of_dimensions() -> None:
    with RecordedTelemetry("shop") as recorded:
        value = recorded.telemetry.metric("order value")
        for amount in (10, 20, 60):
            value.record(amount, currency="EUR", paid=True)
        value.record(5, paid=True, currency="USD")
    euros, dollars = recorded.measurements("order value")
    assert (euros["value"], euros["count"], euros["min"], euros["max"]) == (90, 3, 10, 60)
    assert euros["stdDev"] == pytest.approx(math.sqrt((20**2 + 10**2 + 30**2) / 3))
    assert euros["properties"] == {"currency": "EUR", "paid": "True", **period(euros)}
    assert (dollars["value"], dollars["count"], dollars["stdDev"]) == (5, 1, 0)


def period(point: dict[str, dict[str, str]]) -> dict[str, str]:
    return {"_MS.AggregationIntervalMs": point["properties"]["_MS.AggregationIntervalMs"]}


def test_metrics_with_the_same_name_share_their_series() -> None:
    with RecordedTelemetry("shop") as recorded:
        recorded.telemetry.metric("queue length").record(1)
        recorded.telemetry.metric("queue length").record(2)
    assert [point["count"] for point in recorded.measurements("queue length")] == [2]


def test_measurements_of_concurrent_threads_are_all_counted() -> None:
    with RecordedTelemetry("shop") as recorded:
        metric = recorded.telemetry.metric("work")

        def work() -> None:
            for _ in range(2000):
                metric.record(1, worker="any")

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [point["value"] for point in recorded.measurements("work")] == [8000]


def test_dimension_combinations_over_the_limit_share_one_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregates, "MAX_SERIES", 3)
    with RecordedTelemetry("shop") as recorded:
        for number in range(10):
            recorded.telemetry.metric("visits").record(1, user=number)
    counts = {point["properties"]["user"]: point["count"] for point in recorded.measurements("visits")}
    assert counts == {"0": 1, "1": 1, "2": 1, "(other)": 7}


@pytest.mark.parametrize("value", [math.nan, -math.inf, "much", None, [1], 10**400])
def test_invalid_measurement_raises_in_a_test_and_is_logged_once_in_production(
    value: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with RecordedTelemetry("shop") as recorded:
        metric = recorded.telemetry.metric("price")
        for _ in range(2):
            with pytest.raises(ValueError, match="finite number"):
                metric.record(value)
        monkeypatch.delenv("PYTEST_CURRENT_TEST")
        metric.record(value)
        metric.record(value)
        metric.record(1)
    assert [point["value"] for point in recorded.measurements("price")] == [1]
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]
    assert "metric price" in caplog.text


def test_measurements_before_start_and_after_close_are_ignored() -> None:
    recorded = RecordedTelemetry("shop")
    metric = recorded.telemetry.metric("orders")
    metric.record(1)
    with recorded:
        metric.record(10)
    metric.record(100)
    with recorded:
        pass
    assert [point["value"] for point in recorded.measurements("orders")] == [10]


def test_event_belongs_to_the_current_span() -> None:
    with RecordedTelemetry("shop") as recorded, recorded.telemetry.span("place order") as span:
        recorded.telemetry.event("order placed", {"payment": "card", "guest": False}, {"articles": 3, "odds": math.inf})
    (envelope,) = recorded.logs.envelopes
    assert envelope["tags"]["ai.operation.parentId"] == span.span_id
    assert envelope["tags"]["ai.operation.id"] == recorded.spans.spans[0].context.trace_id
    assert envelope["data"] == {
        "baseType": "EventData",
        "baseData": {
            "ver": 2,
            "name": "order placed",
            "properties": {"payment": "card", "guest": "False"},
            "measurements": {"articles": 3.0},
        },
    }


def test_event_is_sampled_with_its_trace() -> None:
    with RecordedTelemetry("shop", sampling_rate=0.0) as recorded:
        with recorded.telemetry.span("place order"):
            recorded.telemetry.event("in an operation that is not sampled")
        recorded.telemetry.event("outside any operation")
    assert recorded.events == ["outside any operation"]
    assert recorded.logs.envelopes[0]["sampleRate"] == 100


def test_event_before_the_start_is_ignored() -> None:
    recorded = RecordedTelemetry("shop")
    recorded.telemetry.event("too early")
    assert recorded.events == []


def test_event_is_recorded_without_its_invalid_measurements(recorded: Recorded) -> None:
    invalid = {"none": None, "word": "much", "list": [1], "nan": math.nan, "infinite": -math.inf, "huge": 10**400}
    measurements: dict[str, Any] = {"price": 2.5, **invalid, "count": 3, "decimal": Decimal("0.5")}
    recorded.telemetry.event("order placed", {"payment": "card"}, measurements)
    (event,) = recorded.logs.items("EventData")
    assert event["measurements"] == {"price": 2.5, "count": 3.0, "decimal": 0.5}
    assert event["properties"] == {"payment": "card"}
