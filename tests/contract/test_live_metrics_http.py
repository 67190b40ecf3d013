"""The Live Metrics protocol over HTTP, with captured requests of Python's SDK and with fuzzed ones."""

import gzip
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from local_insights.app import create_app
from local_insights.settings import Settings
from local_insights.store.memory.store import MemoryStore
from support.live_reports import captured_posts

pytestmark = pytest.mark.anyio

PING, POST = "/QuickPulseService.svc/ping", "/QuickPulseService.svc/post"
ETAG, SUBSCRIBED = "x-ms-qps-configuration-etag", "x-ms-qps-subscribed"
KEY = {"api-version": "2024-04-01-preview", "ikey": "00000000-0000-0000-0000-000000000000"}


def new_server() -> Starlette:
    return create_app(Settings(), MemoryStore())


one_server = cache(new_server)
"""One server for all examples of a property test: its creation takes longer than a request."""


def client_of(app: Starlette) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)  # an exception in the application fails the test
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", params=KEY)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(new_server()) as client:
        yield client


async def live(client: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await client.get("/live.json")).json()
    return document


async def newest_values(client: httpx.AsyncClient) -> dict[str, float | None]:
    """Return the newest value of each series, or None."""
    series = (await live(client))["series"]
    return {name: next((one for one in reversed(values) if one is not None), None) for name, values in series.items()}


def assert_subscribed(response: httpx.Response) -> None:
    """Assert that the response makes every SDK continue to post."""
    assert response.status_code == 200
    assert response.headers[SUBSCRIBED] == "true"
    assert response.headers["content-type"] == "application/json"
    configuration = response.json()
    assert [stream["Id"] for stream in configuration["DocumentStreams"]] == ["all-types-default"]
    assert configuration["ETag"]


async def test_response_to_ping_has_no_etag(client: httpx.AsyncClient) -> None:
    pings = captured_posts("ping")
    assert pings
    for headers, body in pings:
        response = await client.post(PING, content=body, headers=headers)
        assert_subscribed(response)
        assert ETAG not in response.headers


async def test_reporting_server_is_listed(client: httpx.AsyncClient) -> None:
    headers, body = captured_posts("post")[0]
    assert_subscribed(await client.post(POST, content=body, headers=headers))
    (server,) = (await live(client))["servers"]
    assert {name: server[name] for name in ("role", "role_instance", "machine", "source")} == {
        "role": "shop.web",
        "role_instance": "i1",
        "machine": "vm",
        "source": "protocol",
    }


async def test_values_of_a_post_are_normalized(client: httpx.AsyncClient) -> None:
    """One of two requests failed. One exception was logged within a span, so Python reported it twice."""
    headers, body = captured_posts("post")[0]
    await client.post(POST, content=body, headers=headers)
    with anyio.fail_after(5):  # the second of the report has to be over
        while (newest := await newest_values(client))["requests_per_second"] is None:  # noqa: ASYNC110 (there is no event)
            await anyio.sleep(0.02)
    assert newest == {
        "requests_per_second": 2,
        "request_duration_ms": pytest.approx(52.005356),
        "failed_requests_per_second": 1,
        "calls_per_second": 5,
        "call_duration_ms": pytest.approx(20.0814488),
        "failed_calls_per_second": 0,
        "memory_bytes": 63205376,
        "cpu_percent": pytest.approx(11.884446315773134),
        "exceptions_per_second": 1,
    }


async def test_feed_has_the_failures_and_logs_of_a_post(client: httpx.AsyncClient) -> None:
    headers, body = captured_posts("post")[0]
    await client.post(POST, content=body, headers=headers)
    documents = (await live(client))["documents"]
    assert [(one["item_type"], one["name"], one["result_code"]) for one in reversed(documents)] == [
        ("trace", "warn 3", None),
        ("trace", "ev", None),
        ("exception", "ZeroDivisionError", None),
        ("request", "GET /x", "500"),
        ("trace", "warn 4", None),
        ("trace", "ev", None),
    ]
    assert {one["duration_ms"] for one in documents} == {None}


async def test_response_to_the_next_post_has_the_new_configuration(client: httpx.AsyncClient) -> None:
    before = (await client.post(POST, content=b"[]")).headers[ETAG]
    assert (await client.post(POST, content=b"[]", headers={ETAG: before})).headers[ETAG] == before
    condition = {"field": "Url", "predicate": "Contains", "value": "/pay"}
    form = {"aggregate": "Average duration", "type": "Request", **condition}
    assert (await client.post("/live/metrics", data=form)).status_code == 303
    response = await client.post(POST, content=b"[]", headers={ETAG: before})
    configuration = response.json()
    assert response.headers[ETAG] == configuration["ETag"] != before
    (metric,) = configuration["Metrics"]
    assert metric == {
        "Id": metric["Id"],
        "TelemetryType": "Request",
        "FilterGroups": [{"Filters": [{"FieldName": "Url", "Predicate": "Contains", "Comparand": "/pay"}]}],
        "Projection": "Duration",
        "Aggregation": "Avg",
        "BackEndAggregation": "Avg",
    }
    assert (await live(client))["custom_metrics"] == [
        {"id": metric["Id"], "title": "Avg Duration of requests where Url Contains /pay"}
    ]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"{", b"\xff\xfe", b"1e999", b"[" * 100_000, b"\x1f\x8b!"]
)
async def test_empty_or_invalid_body_has_the_same_response(client: httpx.AsyncClient, body: bytes) -> None:
    assert_subscribed(await client.post(PING, content=body))
    assert_subscribed(await client.post(POST, content=body))


async def test_body_over_the_limit_is_dropped(client: httpx.AsyncClient) -> None:
    for body in (b" " * 2_000_000, gzip.compress(b"[" + b" " * 50_000_000 + b"]")):
        assert_subscribed(await client.post(POST, content=body))
    assert (await live(client))["servers"] == []


async def test_headers_identify_the_server_when_the_body_does_not(client: httpx.AsyncClient) -> None:
    identity = {"stream-id": "7", "role-name": "billing", "instance-name": "i9", "machine-name": "vm"}
    headers = {f"x-ms-qps-{name}": value for name, value in identity.items()}
    await client.post(POST, json=[{"Metrics": None}, {"RoleName": "own", "StreamId": "8"}], headers=headers)
    assert [(one["role"], one["role_instance"]) for one in (await live(client))["servers"]] == [
        ("billing", "i9"),
        ("own", "i9"),
    ]


async def test_earlier_protocol_version_has_more_fields_per_document(client: httpx.AsyncClient) -> None:
    document = {
        "__type": "RequestTelemetryDocument",
        "DocumentType": "Request",
        "Name": "GET /orders",
        "Url": "http://orders/",
        "ResponseCode": "200",
        "Success": False,
        "Duration": "00:00:01.2500000",
        "OperationId": "4BF92F3577B34DA6A3CE929D0E0E4736",
        "Timestamp": "/Date(1795435200123)/",
        "Properties": [{"key": "tenant", "value": "7"}],
    }
    point = {"StreamId": "s", "Version": "dotnet:2.22.0", "InvariantVersion": 4, "Documents": [document]}
    await client.post(POST, content=gzip.compress(json.dumps([point]).encode()))
    (shown,) = (await live(client))["documents"]
    assert {name: shown[name] for name in ("time", "success", "duration_ms", "operation_id")} == {
        "time": "2026-11-23T12:00:00.123000+00:00",
        "success": False,
        "duration_ms": 1250,
        "operation_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }


async def test_filter_errors_of_a_server_are_shown(client: httpx.AsyncClient) -> None:
    error = {"CollectionConfigurationErrorType": "MetricFailureToCreate", "Message": "no such field"}
    events = {"CollectionConfigurationErrorType": "DocumentTelemetryTypeUnsupported", "Message": "Event is unsupported"}
    await client.post(POST, json=[{"StreamId": "s", "CollectionConfigurationErrors": [error, events]}])
    assert (await live(client))["filter_errors"] == []
    await client.post("/live/metrics", data={"aggregate": "Count", "type": "Request"})
    assert (await live(client))["filter_errors"] == ["MetricFailureToCreate: no such field"]
    assert "MetricFailureToCreate: no such field" in (await client.get("/live")).text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(
    st.sampled_from(
        ["DocumentType", "Name", "Duration", "Timestamp", "Success", "Properties", "DocumentStreamIds", "OperationId"]
    ),
    JSON
    | st.sampled_from(["Request", "RemoteDependency", "Exception", "PT1.5S", "/Date(9e9)/", "/Date(99999999999999)/"]),
)
METRICS = st.fixed_dictionaries(
    {"Name": JSON | st.just(r"\ApplicationInsights\Requests/Sec"), "Value": JSON, "Weight": JSON}
)
POINTS = st.dictionaries(
    st.sampled_from(["Version", "RoleName", "StreamId", "Timestamp", "CollectionConfigurationErrors"]), JSON
) | st.fixed_dictionaries(
    {"Metrics": st.lists(METRICS, max_size=3) | JSON, "Documents": st.lists(DOCUMENTS, max_size=3) | JSON}
)


@given(points=st.lists(POINTS | JSON, max_size=4))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
async def test_fuzzed_data_points_do_not_affect_others(points: list[object]) -> None:
    good = {"StreamId": "good", "RoleName": "good", "Metrics": [{"Name": "x", "Value": 1}]}
    async with client_of(one_server()) as client:
        assert_subscribed(await client.post(POST, content=json.dumps([*points, good]).encode()))
        response = await client.get("/live.json")
        assert response.status_code == 200
        assert "good" in {server["role"] for server in response.json()["servers"]}
        assert (await client.get("/live")).status_code == 200


@given(body=st.binary(max_size=300))
@settings(max_examples=200)
async def test_any_bytes_have_the_same_response(body: bytes) -> None:
    async with client_of(one_server()) as client:
        assert_subscribed(await client.post(POST, content=body))
