"""`POST /values` and `GET /values`."""

import json
import uuid

import httpx
import pytest

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.fake_backends import OPERATION_ID, FakeBackends
from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry.testing import RecordedTelemetry

pytestmark = pytest.mark.anyio

VALUES = {
    "a digit": "4",
    "the longest": "x" * 1000,
    "a thousand characters of four bytes": "😀" * 1000,
    "blanks": "  ",
    "the character NUL": "a\0b",
    "a line break": "a\r\nb",
    "right to left": "مرحبا \u202eabc",
    "SQL": "'; DROP TABLE entered_values; -- %s",
    "characters that HTML and JSON escape": "<b>\"'&\\</b>",
}

INVALID_BODIES = {
    "empty value": b'{"value": ""}',
    "one character too many": json.dumps({"value": "x" * 1001}).encode(),
    "far too long": json.dumps({"value": "x" * 100_000}).encode(),
    "a number": b'{"value": 4}',
    "null": b'{"value": null}',
    "a list": b'{"value": ["4"]}',
    "half a surrogate pair": b'{"value": "\\ud83d"}',
    "no value": b"{}",
    "not an object": b"[]",
    "nothing": b"",
    "not JSON": b'{"value": ',
    "not UTF-8": b'{"value": "\xff"}',
    "nested without end": b"[" * 10_000,
    "a number without end": b'{"value": ' + b"1" * 5_000 + b"}",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_value_is_echoed_then_stored_and_returned_unchanged(
    client: httpx.AsyncClient, backends: FakeBackends, value: str
) -> None:
    response = await client.post("/values", json={"value": value})
    assert (response.status_code, response.json()["value"]) == (201, value)
    assert backends.requests == ["echo POST /echo", "storage POST /values"]
    assert backends.values == [value]


async def test_value_that_echo_returns_is_stored(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.echo = lambda _request: httpx.Response(200, json={"value": "an echo"})
    response = await client.post("/values", json={"value": "a call"})
    assert response.json()["value"] == "an echo"
    assert backends.values == ["an echo"]


async def test_response_has_the_id_and_the_link_to_the_transaction(client: httpx.AsyncClient) -> None:
    response = await client.post("/values", json={"value": "4"})
    assert response.json() == {
        "id": 1,
        "value": "4",
        "operation_id": OPERATION_ID,
        "transaction_url": f"http://127.0.0.1:8080/transaction/{OPERATION_ID}",
    }


async def test_without_a_portal_there_is_no_link(backends: FakeBackends, recorded: Recorded) -> None:
    settings = FrontendSettings(insights_url=None)
    async with running(create_app(settings, recorded.telemetry, httpx.MockTransport(backends))) as client:
        shown = (await client.post("/values", json={"value": "4"})).json()
    assert (shown["operation_id"], shown["transaction_url"]) == (OPERATION_ID, None)


async def test_telemetry_sent_to_azure_has_no_links_to_the_local_portal(backends: FakeBackends) -> None:
    recorded = RecordedTelemetry("frontend", connection_string=f"InstrumentationKey={uuid.UUID(int=1)}")
    async with running(create_app(FrontendSettings(), recorded.telemetry, httpx.MockTransport(backends))) as client:
        shown = (await client.post("/values", json={"value": "4"})).json()
        page = (await client.get("/")).text
    assert (shown["operation_id"], shown["transaction_url"]) == (OPERATION_ID, None)
    assert "127.0.0.1:8080" not in page


async def test_values_are_listed_newest_first(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.values = ["first", "second", "third"]
    listed = (await client.get("/values", params={"limit": 2})).json()
    assert [(shown["id"], shown["value"]) for shown in listed] == [(3, "third"), (2, "second")]


async def test_ten_values_are_listed_by_default(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.values = ["x"] * 11
    assert len((await client.get("/values")).json()) == 10


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", ""])
async def test_limit_outside_1_to_100_is_rejected(
    client: httpx.AsyncClient, backends: FakeBackends, limit: str
) -> None:
    response = await client.get("/values", params={"limit": limit})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("limit: ")
    assert backends.requests == []


@pytest.mark.parametrize("body", INVALID_BODIES.values(), ids=INVALID_BODIES)
async def test_invalid_body_is_rejected_before_a_backend_is_called(
    client: httpx.AsyncClient, backends: FakeBackends, body: bytes
) -> None:
    response = await client.post("/values", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert backends.requests == []


async def test_log_has_the_length_and_not_the_value(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.post("/values", json={"value": "my secret"})
    assert recorded.messages == ["value 1 entered (length 9)"]


async def test_calls_propagate_the_trace(client: httpx.AsyncClient, backends: FakeBackends, recorded: Recorded) -> None:
    parents = []

    def storage(request: httpx.Request) -> httpx.Response:
        parents.append(request.headers["traceparent"].split("-"))
        return httpx.Response(201, json={"id": 1, "value": "4", "operation_id": OPERATION_ID})

    backends.storage = storage
    await client.post("/values", json={"value": "4"})
    echo_call, storage_call, request = recorded.spans.spans
    assert [echo_call.parent_span_id, storage_call.parent_span_id] == [request.span_id, request.span_id]
    assert parents == [["00", request.context.trace_id, storage_call.span_id, "01"]]


async def test_health_is_not_traced(client: httpx.AsyncClient, recorded: Recorded) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert recorded.spans.spans == []
