"""The library's metrics in the local server: real ingestion and Live Metrics."""

import json
import time

from opencensus.trace.span import SpanKind

from local_insights.model.item import Item, ItemType
from local_insights.model.live.telemetry_seconds import recent_by_server, seconds_of
from support.polling import eventually
from support.read_items import read_items
from telemetry.testing import RecordedTelemetry


def test_counters_and_metrics_have_their_item_types() -> None:
    items = _received()
    counters = {item.name for item in items if item.item_type == ItemType.PERFORMANCE_COUNTER}
    metrics = {item.name for item in items if item.item_type == ItemType.CUSTOM_METRIC}
    assert {name.rpartition("\\")[2] for name in counters} >= {"Private Bytes", "% Processor Time", "Requests/Sec"}
    assert metrics == {"Dependency duration", "orders", "HeartbeatState"}
    assert {item.item_type for item in items} == {ItemType.PERFORMANCE_COUNTER, ItemType.CUSTOM_METRIC}


def test_aggregate_is_stored_completely() -> None:
    (orders,) = (item for item in _received() if item.name == "orders")
    assert (orders.value, orders.value_count, orders.value_min, orders.value_max) == (40.0, 2, 10.0, 30.0)
    assert (orders.value_std_dev, orders.item_count) == (10.0, 1)
    assert json.loads(orders.properties_json)["currency"] == "EUR"


def test_live_metrics_show_cpu_and_memory_of_the_process() -> None:
    (recent,) = recent_by_server(_received(), 0).values()
    (second,) = seconds_of(recent.items, 0).values()
    assert second.memory_bytes
    assert second.memory_bytes > 10_000_000
    assert second.cpu_percent is not None
    assert 0 <= second.cpu_percent <= 100


def _received() -> list[Item]:
    """Return the items of the first metric report, as the server parses them."""
    with RecordedTelemetry("tested", clock=time, metrics_interval_s=0.3) as recorded:
        telemetry = recorded.telemetry
        for amount in (10, 30):
            telemetry.metric("orders").record(amount, currency="EUR")
        with telemetry.operation() as tracer, tracer.span("call") as call:
            call.span_kind = SpanKind.CLIENT
        eventually(lambda: recorded.metrics.envelopes)
    return [item for envelope in recorded.metrics.envelopes for item in read_items(envelope)]
