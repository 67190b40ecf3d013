import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from support.recorded_telemetry import Recorded
from telemetry.integrations.httpx import TracedAsyncTransport, TracedTransport


def respond(request: httpx.Request) -> httpx.Response:
    """Return the parent span id and the flags that the server received."""
    status = int(request.url.params.get("status", "200"))
    _, _, parent, flags = request.headers["traceparent"].split("-")
    return httpx.Response(status, json={"parent": parent, "flags": flags})


@pytest.fixture
def client(recorded: Recorded) -> httpx.Client:
    return httpx.Client(
        transport=TracedTransport(recorded.telemetry, httpx.MockTransport(respond)), base_url="http://h:81"
    )


@pytest.fixture
def async_client(recorded: Recorded) -> httpx.AsyncClient:
    transport = TracedAsyncTransport(recorded.telemetry, httpx.MockTransport(respond))
    return httpx.AsyncClient(transport=transport, base_url="http://h:81")


def test_call_is_a_dependency_and_the_parent_of_the_server_span(client: httpx.Client, recorded: Recorded) -> None:
    with recorded.telemetry.span("caller") as caller:
        seen = client.post("/values/17?token=secret").json()["parent"]
    dependency, span = recorded.spans.items("RemoteDependencyData")[0], recorded.spans.spans[0]
    assert seen == dependency["id"] != caller.span_id
    assert span.parent_span_id == caller.span_id
    assert dependency["name"] == "POST /values/{id}"
    assert dependency["data"] == "http://h:81/values/17"
    assert (dependency["type"], dependency["target"]) == ("HTTP", "h:81")
    assert (dependency["resultCode"], dependency["success"]) == ("200", True)


@pytest.mark.anyio
async def test_headers_of_concurrent_calls_have_their_own_span_ids(
    async_client: httpx.AsyncClient, recorded: Recorded
) -> None:
    with recorded.telemetry.span("caller"):
        responses = await asyncio.gather(*(async_client.get("/") for _ in range(10)))
    spans = [span.span_id for span in recorded.spans.spans if span.name != "caller"]
    assert sorted(response.json()["parent"] for response in responses) == sorted(spans)


def test_all_ways_of_sending_a_request_are_traced(client: httpx.Client, recorded: Recorded) -> None:
    client.send(client.build_request("GET", httpx.URL("http://h:81/sent")))
    with client.stream("GET", "/streamed") as streamed:
        streamed.read()
    names = [item["name"] for item in recorded.spans.items("RemoteDependencyData")]
    assert names == ["GET /sent", "GET /streamed"]


@pytest.mark.anyio
async def test_all_asynchronous_ways_of_sending_a_request_are_traced(
    async_client: httpx.AsyncClient, recorded: Recorded
) -> None:
    await async_client.send(async_client.build_request("GET", httpx.URL("http://h:81/sent")))
    async with async_client.stream("GET", "/streamed") as streamed:
        await streamed.aread()
    names = [item["name"] for item in recorded.spans.items("RemoteDependencyData")]
    assert names == ["GET /sent", "GET /streamed"]


def test_error_status_is_a_failure(client: httpx.Client, recorded: Recorded) -> None:
    client.get("/?status=503")
    dependency = recorded.spans.items("RemoteDependencyData")[0]
    assert (dependency["resultCode"], dependency["success"]) == ("503", False)


def test_unreachable_server_is_a_failure_with_its_error(recorded: Recorded) -> None:
    def fail_to_connect(_request: httpx.Request) -> httpx.Response:
        message = "Connection refused"
        raise httpx.ConnectError(message)

    client = httpx.Client(transport=TracedTransport(recorded.telemetry, httpx.MockTransport(fail_to_connect)))
    with pytest.raises(httpx.ConnectError):
        client.get("http://user:pw@h:81/")
    dependency = recorded.spans.items("RemoteDependencyData")[0]
    assert (dependency["resultCode"], dependency["success"]) == ("ConnectError", False)
    assert (dependency["target"], dependency["data"]) == ("h:81", "http://h:81/")
    assert dependency["properties"]["error.message"] == "Connection refused"


def test_headers_passed_by_the_caller_are_not_changed(client: httpx.Client) -> None:
    headers = {"x-mine": "1"}
    client.get("/", headers=headers)
    assert headers == {"x-mine": "1"}


def test_trace_context_is_sent_and_not_left_in_the_request_of_the_application(recorded: Recorded) -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    with httpx.Client(transport=TracedTransport(recorded.telemetry, httpx.MockTransport(handle))) as client:
        request = client.build_request("GET", "http://h/", headers={"x-mine": "1", "tracestate": "mine=1"})
        before = request.headers.raw
        for _ in range(2):
            assert client.send(request).request is request
    assert request.headers.raw == before
    assert [seen.headers["x-mine"] for seen in sent] == ["1", "1"]
    assert len({seen.headers["traceparent"] for seen in sent}) == 2


@pytest.mark.anyio
async def test_changes_of_the_wrapped_transport_are_left_in_the_request(recorded: Recorded) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"content"

    async def sign(request: httpx.Request) -> httpx.Response:
        request.headers["x-signature"] = (await request.aread()).decode()
        request.headers["user-agent"] = "signed"
        request.extensions["signed"] = True
        return httpx.Response(200)

    transport = TracedAsyncTransport(recorded.telemetry, httpx.MockTransport(sign))
    async with httpx.AsyncClient(transport=transport) as client:
        request = (await client.post("http://h/", content=chunks(), headers=[("a", "1"), ("a", "2")])).request
    assert (request.headers["x-signature"], request.headers["user-agent"]) == ("content", "signed")
    assert (request.content, request.extensions["signed"]) == (b"content", True)
    assert request.headers.get_list("a") == ["1", "2"]
    assert "traceparent" not in request.headers


def test_unsampled_call_propagates_the_sampling_decision(client: httpx.Client, recorded: Recorded) -> None:
    with recorded.telemetry.operation():
        recorded.telemetry.untraced()
        response = client.get("/")
    assert response.json()["flags"] == "00"
    assert recorded.spans.spans == []
