"""OTLP over HTTP: both encodings, partial success, limits, and the same guarantees as for other telemetry."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from backports import zstd
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.metrics.v1.metrics_pb2 import Gauge, Metric, NumberDataPoint
from starlette.applications import Starlette

from local_insights.ingest.otlp import otlp_request
from local_insights.settings import Settings, read_settings
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.store import DuckDBStore
from support.otlp_requests import PARENT_ID, SPAN_ID, TRACE_ID, logs, metrics, record, span, traces

pytestmark = pytest.mark.anyio

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
KEY = "4f0f3f2a-0000-4000-8000-000000000001"
REQUESTS: dict[str, Message] = {
    "/v1/traces": traces(span("SERVER"), span("CLIENT", span_id=PARENT_ID)),
    "/v1/logs": logs(record("one"), record("two")),
    "/v1/metrics": metrics([Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(as_int=1)] * 2))]),
}


def as_json(request: Message) -> bytes:
    """Encode the request as SDKs do in JSON: ids in hexadecimal."""

    def with_hex(document: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(document, list):
            return [with_hex(element) for element in document]
        if not isinstance(document, dict):
            return document
        ids = {"traceId": TRACE_ID, "spanId": None, "parentSpanId": PARENT_ID}
        return {
            name: (SPAN_ID if name == "spanId" else ids[name] or b"").hex() if name in ids else with_hex(value)
            for name, value in document.items()
        }

    return json.dumps(with_hex(MessageToDict(request))).encode()


@pytest.mark.parametrize("path", REQUESTS)
@pytest.mark.parametrize(
    "compress", [bytes, gzip.compress, zstd.compress, zlib.compress], ids=["plain", "gzip", "zstd", "deflate"]
)
@pytest.mark.parametrize("encoding", ["protobuf", "json"])
async def test_every_item_is_stored_and_the_response_has_the_encoding_of_the_request(
    client: httpx.AsyncClient,
    store: DuckDBStore,
    path: str,
    compress: Callable[[bytes], bytes],
    encoding: str,
) -> None:
    body = REQUESTS[path].SerializeToString() if encoding == "protobuf" else as_json(REQUESTS[path])
    headers = PROTOBUF if encoding == "protobuf" else JSON
    response = await client.post(path, content=compress(body), headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (200, headers["content-type"])
    assert response.content == (b"" if encoding == "protobuf" else b"{}")
    assert store.stats().items == 2


async def test_ids_are_the_same_in_both_encodings(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    request = traces(span("SERVER"))
    await client.post("/v1/traces", content=request.SerializeToString(), headers=PROTOBUF)
    (first,) = store.transaction(TRACE_ID.hex())
    store.delete_before(first.time_us + 1)
    await client.post("/v1/traces", content=as_json(request), headers=JSON)
    assert store.transaction(TRACE_ID.hex()) == [first]
    assert (first.id, first.parent_id) == (SPAN_ID.hex(), PARENT_ID.hex())


async def test_invalid_item_is_rejected_and_the_others_are_stored(
    client: httpx.AsyncClient, store: DuckDBStore
) -> None:
    document = json.loads(as_json(REQUESTS["/v1/traces"]))
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][1:1] = [{"startTimeUnixNano": "soon"}, 7]
    response = await client.post("/v1/traces", json=document)
    partial = response.json()["partialSuccess"]
    assert (response.status_code, partial["rejectedSpans"]) == (200, "2")
    assert "soon" in partial["errorMessage"]
    assert store.stats().items == 2


@pytest.mark.parametrize("headers", [PROTOBUF, JSON], ids=["protobuf", "json"])
@pytest.mark.parametrize("body", [b"\xff\xff", b"[" * 10_000, b"\x1f\x8bbroken", b"[1]"])
async def test_unreadable_body_is_rejected_with_400_and_a_status(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    response = await client.post("/v1/logs", content=body, headers=headers)
    assert response.status_code == 400
    if headers is JSON:
        status = response.json()
        assert (status["code"], bool(status["message"])) == (3, True)
    else:
        assert Status.FromString(response.content).code == 3


@pytest.mark.parametrize("headers", [PROTOBUF, JSON], ids=["protobuf", "json"])
async def test_other_compression_is_rejected_with_415_and_the_supported_ones(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    compressed = {**headers, "content-encoding": "snappy"}
    response = await client.post("/v1/logs", content=b"\xff\x06\x00\x00sNaPpY", headers=compressed)
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "gzip, zstd, deflate")
    reason = response.json()["message"] if headers is JSON else Status.FromString(response.content).message
    assert reason == "Content-Encoding: expected gzip, zstd, deflate or none, got 'snappy'"


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-ndjson", "Application/JSON; charset=utf-8"]
)
async def test_every_line_of_a_collector_file_is_stored_and_bad_ones_are_a_partial_success(
    client: httpx.AsyncClient, store: DuckDBStore, content_type: str
) -> None:
    lines = [as_json(traces(span("SERVER", start_time_unix_nano=number * 1_000_000))) for number in range(1, 4)]
    response = await client.post(
        "/v1/traces", content=b"\n".join([*lines, b'{"resourceSpans": 7}']), headers={"content-type": content_type}
    )
    partial = response.json()["partialSuccess"]
    assert (response.status_code, partial["rejectedSpans"], store.stats().items) == (200, "1", 3)
    assert partial["errorMessage"].startswith("line 4: ")


async def test_unavailable_store_results_in_503_with_retry_after(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object) -> None:
        message = "no space left"
        raise StoreUnavailableError(message)

    monkeypatch.setattr(store, "append", unavailable)
    response = await client.post("/v1/logs", content=REQUESTS["/v1/logs"].SerializeToString(), headers=PROTOBUF)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert Status.FromString(response.content).message == "no space left"


async def test_large_request_is_stored_completely(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    request = traces(*[span("SERVER", {"p": "x" * 1_000}, span_id=n.to_bytes(8, "big")) for n in range(1, 5_001)])
    response = await client.post("/v1/traces", content=request.SerializeToString(), headers=PROTOBUF)
    assert (response.status_code, store.stats().items) == (200, 5_000)


async def test_items_over_the_limit_of_a_request_are_rejected(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp_request, "MAX_ITEMS", 2_000)
    points = [NumberDataPoint(as_int=number) for number in range(2_500)]
    body = metrics([Metric(name="m", gauge=Gauge(data_points=points))]).SerializeToString()
    response = await client.post("/v1/metrics", content=body, headers=PROTOBUF)
    partial = ExportMetricsServiceResponse.FromString(response.content).partial_success
    assert (response.status_code, store.stats().items) == (200, 2_000)
    assert partial.error_message.startswith("expected at most 2,000 items in a request")


async def test_attributes_of_a_resource_are_limited_over_all_of_its_items(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp_request, "MAX_DECOMPRESSED_BYTES", 100_000)
    request = traces(*[span("SERVER")] * 2_000, service={"service.name": "a", "host.arch": "x" * 1_000})
    response = await client.post("/v1/traces", content=request.SerializeToString(), headers=PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(response.content).partial_success
    assert 0 < store.stats().items < 100
    assert "100,000 bytes with the attributes of their resource" in partial.error_message


async def test_web_page_may_send_spans(client: httpx.AsyncClient) -> None:
    headers = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    response = await client.options("/v1/traces", headers=headers)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, "*")


@given(body=st.binary(max_size=200), is_json=st.booleans())
@with_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_body_is_accepted_or_rejected(app: Starlette, body: bytes, *, is_json: bool) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.post("/v1/metrics", content=body, headers=JSON if is_json else PROTOBUF)
    assert response.status_code in {200, 400}


class TestAllowedKeys:
    """With allowed keys, a header contains the instrumentation key."""

    @pytest.fixture
    def settings(self) -> Settings:
        return read_settings({"INSIGHTS_ALLOWED_KEYS": f"other, {KEY.upper()}"}, {})

    @pytest.mark.parametrize(("key", "rejected"), [(KEY, 0), ("unknown", 2), ("", 2)])
    async def test_only_allowed_keys_may_report(
        self, client: httpx.AsyncClient, store: DuckDBStore, key: str, rejected: int
    ) -> None:
        body = REQUESTS["/v1/traces"].SerializeToString()
        response = await client.post("/v1/traces", content=body, headers={**PROTOBUF, "api-key": key})
        assert ExportTraceServiceResponse.FromString(response.content).partial_success.rejected_spans == rejected
        assert store.stats().items == 2 - rejected
