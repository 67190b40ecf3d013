"""Allowed keys, SDK statistics, truncated texts and the memory budget, with their counters."""

import json
from typing import Any

import pytest

from local_insights.ingest.batch import Batch, read_batch
from local_insights.ingest.memory_budget import MemoryBudget
from local_insights.ingest.policy import IngestPolicy
from local_insights.store.contract import StoreUnavailableError
from support.captured_posts import envelopes
from support.read_items import read_items

REQUEST = envelopes("opencensus_fixed", "RequestData")[0]
OPENTELEMETRY = envelopes("azure_monitor_opentelemetry", "MetricData")
KEY = "4f0f3f2a-0000-4000-8000-000000000001"


def batch(*sent: dict[str, Any], **policy: Any) -> Batch:  # noqa: ANN401 - fields of IngestPolicy
    return read_batch(json.dumps(sent).encode(), IngestPolicy("app", **policy))


def metrics(*names: str, envelope: str = "Microsoft.ApplicationInsights.Metric") -> dict[str, Any]:
    base_data = {"metrics": [{"name": name, "value": 1} for name in names]}
    data = {"baseType": "MetricData", "baseData": base_data}
    return {"name": envelope, "time": "2026-11-23T00:00:00Z", "data": data}


def test_sdk_statistics_are_accepted_and_dropped() -> None:
    own = [envelope for envelope in OPENTELEMETRY if envelope["data"]["baseData"]["metrics"][0]["name"][0] == "_"]
    assert own
    read = batch(*own, REQUEST)
    assert [item.item_type for item in read.items] == ["request"]
    assert (read.response.items_accepted, read.response.errors) == (len(own) + 1, [])
    assert read.sdk_statistics == len(own)


@pytest.mark.parametrize("name", ["_OTELRESOURCE_", "Item_Success_Count", "preview.item.dropped.count"])
def test_metrics_next_to_sdk_statistics_are_stored(name: str) -> None:
    read = batch(metrics(name, "mine"))
    assert ([item.name for item in read.items], read.sdk_statistics) == (["mine"], 0)


@pytest.mark.parametrize("name", ["Statsbeat", "Microsoft.ApplicationInsights.Statsbeat"])
def test_statsbeat_is_recognized_by_its_envelope(name: str) -> None:
    assert batch(metrics("Attach", envelope=name)).items == []
    assert [item.name for item in batch(metrics("Attach")).items] == ["Attach"]


def test_sdk_statistics_are_stored_when_enabled() -> None:
    read = batch(metrics("Item_Success_Count"), metrics("Attach", envelope="Statsbeat"), keep_sdk_statistics=True)
    assert [item.name for item in read.items] == ["Item_Success_Count", "Attach"]


def telemetry(base_type: str, parent: str = "", **base_data: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
    tags = {"ai.operation.id": "5278c2f452ae43b1", "ai.operation.parentId": parent}
    return {"time": "2026-11-23T00:00:00Z", "tags": tags, "data": {"baseType": base_type, "baseData": base_data}}


def called(url: str, target: str = "") -> dict[str, Any]:
    """Return an HTTP call with the id a1."""
    return telemetry(
        "RemoteDependencyData", id="a1", name="GET", duration="00:00:01", type="Http", target=target, data=url
    )


FAILED = telemetry("ExceptionData", "a1", exceptions=[{"typeName": "Error", "message": "ENOTFOUND"}])
METADATA = "http://169.254.169.254/metadata"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (f"{METADATA}/instance/compute?api-version=2017-12-01", "169.254.169.254"),
        ("", "169.254.169.254"),
        ("http://169.254.169.254/latest/api/token", ""),
        ("https://settings.sdk.monitor.azure.com/AzMonSDKDynamicConfiguration.json", "settings.sdk.monitor.azure.com"),
        ("https://westus-0.in.applicationinsights.azure.com/v2.1/track", ""),
        ("https://westeurope.livediagnostics.monitor.azure.com/QuickPulseService.svc/ping?ikey=x", ""),
        ("http://127.0.0.1:8080/v2.1/track", "127.0.0.1:8080"),
        ("http://127.0.0.1:8080/QuickPulseService.svc/post", "127.0.0.1:8080"),
    ],
)
def test_calls_of_sdks_for_themselves_are_dropped_with_their_exceptions(url: str, target: str) -> None:
    read = batch(called(url, target), FAILED, REQUEST)
    assert ([item.item_type for item in read.items], read.sdk_statistics) == (["request"], 2)
    assert len(batch(called(url, target), FAILED, REQUEST, keep_sdk_statistics=True).items) == 3


@pytest.mark.parametrize(
    "url",
    [
        f"{METADATA}/identity/oauth2/token?resource=https://vault.azure.net",
        "https://api.segment.io/v2/track",
        "https://api.applicationinsights.io/v1/apps/x/query",
        "https://example.com/v2.1/tracks?to=/v2.1/track",
    ],
)
def test_calls_of_the_application_are_stored(url: str) -> None:
    read = batch(called(url), FAILED)
    assert ([item.item_type for item in read.items], read.sdk_statistics) == (["dependency", "exception"], 0)


@pytest.mark.parametrize(("key", "allowed"), [(KEY, True), (KEY.upper(), True), ("other", False), (None, False)])
def test_only_allowed_keys_may_report(key: str | None, *, allowed: bool) -> None:
    read = batch({**REQUEST, "iKey": key}, {**REQUEST, "iKey": KEY}, allowed_keys=frozenset({KEY}))
    assert len(read.items) == 1 + allowed
    assert [error.message.partition(":")[0] for error in read.response.errors] == ["Invalid instrumentation key"] * (
        not allowed
    )


def test_truncated_texts_are_recorded_with_their_length_and_counted() -> None:
    properties = {"short": "s", "long": "l" * 9_000}
    data = {**REQUEST["data"]["baseData"], "name": "n" * 2_000, "properties": properties}
    sent = {
        **REQUEST,
        "tags": {"ai.cloud.role": "r" * 300, "ai.user.id": "u" * 2_000},
        "data": {"baseType": "RequestData", "baseData": data},
    }
    read = batch(sent, REQUEST)
    assert read.truncated_texts == 4
    assert json.loads(read.items[0].sent_json)["cut"] == {
        "tags.ai.cloud.role": 300,
        "tags.ai.user.id": 2_000,
        "name": 2_000,
        "properties.long": 9_000,
    }
    assert "cut" not in read.items[1].sent_json


def test_numbers_outside_the_range_of_the_store_are_clamped() -> None:
    point = {"name": "m", "value": 2**63, "count": 2**63, "min": -(2**70)}
    data = {"baseType": "MetricData", "baseData": {"metrics": [point]}}
    (item,) = read_items({"time": "2026-11-23T00:00:00Z", "data": data})
    assert (item.value, item.value_count, item.value_min) == (2.0**63, 2**63 - 1, -(2.0**70))


def test_envelope_with_too_many_metrics_is_rejected_as_one_item() -> None:
    read = batch(metrics(*["m"] * 1_001), metrics(*["m"] * 1_000))
    assert (len(read.items), [error.index for error in read.response.errors]) == (1_000, [0])


def test_memory_of_all_requests_together_is_limited() -> None:
    budget = MemoryBudget(100)
    with budget.reservation() as first, budget.reservation() as second:
        first.resize(60)
        with pytest.raises(StoreUnavailableError, match="INSIGHTS_MAX_INFLIGHT_MB"):
            second.resize(41)
        first.resize(20)
        second.resize(80)
    with budget.reservation() as alone:
        alone.resize(100)
