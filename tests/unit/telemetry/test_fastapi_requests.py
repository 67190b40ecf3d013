"""FastAPI: one server span per request, its name, its trace and its duration."""

import asyncio
import logging

import httpx
import pytest
from fastapi import FastAPI
from opencensus.trace import execution_context

from support.recorded_telemetry import Recorded
from support.running_app import running
from support.traced_app import build_traced_app
from telemetry._internal.tracing.tracing import current_tracer

pytestmark = pytest.mark.anyio
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def app(recorded: Recorded) -> FastAPI:
    return build_traced_app(recorded)


async def test_request_is_one_server_span(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        response = await client.get("/api/items/1?token=secret")
    (request,) = recorded.spans.items("RequestData")
    assert request["name"] == "GET /api/items/{item}"
    assert (request["responseCode"], request["success"]) == ("200", True)
    assert request["url"] == "http://testserver/api/items/1"
    assert recorded.spans.envelopes()[-1]["tags"]["ai.operation.id"] == response.json()["operation_id"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/items/0", "GET /api/items/{item}"),
        ("/mounted/deep/items/0", "GET /mounted/deep/items/{item}"),
        ("/healthz-of-others", "GET /healthz-of-others"),
        ("/admin/../etc/passwd", "GET (unmatched)"),
        ("/api/items", "GET (unmatched)"),
    ],
)
async def test_name_contains_the_route_not_the_path(app: FastAPI, recorded: Recorded, path: str, name: str) -> None:
    async with running(app) as client:
        await client.get(path)
    assert recorded.spans.items("RequestData")[0]["name"] == name


async def test_path_without_a_route_is_not_recorded(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/reset/SECRET?token=SECRET")
        await client.get("/api/items/0?token=SECRET")
    unmatched, matched = recorded.spans.items("RequestData")
    assert (unmatched["name"], unmatched["url"], unmatched["responseCode"]) == (
        "GET (unmatched)",
        "http://testserver/",
        "404",
    )
    assert matched["url"] == "http://testserver/api/items/0"
    assert "SECRET" not in str(recorded.spans.envelopes())
    assert "SECRET" not in str(recorded.spans.spans)


async def test_root_path_of_a_proxy_is_not_part_of_the_name(app: FastAPI, recorded: Recorded) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, root_path="/proxy"), base_url="http://t") as client:
        await client.get("/proxy/api/items/0")
        await client.get("/proxy/mounted/deep/items/0")
    names = [request["name"] for request in recorded.spans.items("RequestData")]
    assert names == ["GET /api/items/{item}", "GET /mounted/deep/items/{item}"]


async def test_caller_is_the_parent(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/items/0", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    tags = recorded.spans.envelopes()[-1]["tags"]
    assert (tags["ai.operation.id"], tags["ai.operation.parentId"]) == (TRACE, SPAN)


async def test_two_traceparent_headers_are_ignored(app: FastAPI, recorded: Recorded) -> None:
    header = ("traceparent", f"00-{TRACE}-{SPAN}-01")
    async with running(app) as client:
        await client.get("/api/items/0", headers=[header, header])
    assert recorded.spans.envelopes()[-1]["tags"]["ai.operation.id"] != TRACE


async def test_request_of_an_unsampled_trace_is_not_recorded(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        response = await client.get("/api/items/0", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    assert response.json()["operation_id"] == TRACE
    assert recorded.spans.spans == []


async def test_concurrent_requests_have_their_own_traces(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await asyncio.gather(*(client.get(f"/api/items/{number % 3}") for number in range(20)))
    spans = {span.span_id: span for span in recorded.spans.spans}
    roots = [span for span in spans.values() if span.parent_span_id is None]
    children = [span for span in spans.values() if span.parent_span_id is not None]
    assert len({root.context.trace_id for root in roots}) == len(roots) == len(children) == 20
    assert all(spans[child.parent_span_id].context.trace_id == child.context.trace_id for child in children)


async def test_work_of_a_threaded_endpoint_is_a_child(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/threaded/1")
    work, request = recorded.spans.spans
    assert work.parent_span_id == request.span_id


async def test_request_started_in_the_context_of_another_is_not_its_child(app: FastAPI, recorded: Recorded) -> None:
    # A server with pipelining creates the task of a request in the context of the previous one.
    async with running(app) as client:
        with recorded.telemetry.span("previous request") as previous:
            await client.get("/api/items/0")
            await client.get("/healthz")
            assert execution_context.get_current_span() is previous
    request = next(span for span in recorded.spans.spans if span.name.startswith("GET"))
    assert request.parent_span_id is None
    assert request.context.trace_id != recorded.spans.spans[-1].context.trace_id


async def test_nothing_is_current_after_a_request(app: FastAPI) -> None:
    async with running(app) as client:
        await client.get("/api/items/0")
    assert current_tracer() is None


async def test_streamed_response_lasts_until_its_last_byte(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/stream")
    assert recorded.spans.items("RequestData")[0]["duration"] >= "0.00:00:00.020000"


async def test_background_task_does_not_extend_the_request(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/background")
    assert recorded.spans.items("RequestData")[0]["duration"] < "0.00:00:00.500000"


async def test_excluded_path_and_its_calls_are_not_traced(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/healthz")
    assert recorded.spans.spans == []


async def test_excluded_path_is_not_a_prefix(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/healthz-of-others")
    assert recorded.spans.names == ["GET /healthz-of-others"]


async def test_log_of_a_request_is_its_child(app: FastAPI, recorded: Recorded) -> None:
    logger = logging.getLogger("tested.fastapi")
    logger.setLevel(logging.INFO)
    recorded.telemetry.capture_logs("tested.fastapi")

    @app.get("/logging")
    async def logs() -> None:
        logger.info("here")

    async with running(app) as client:
        await client.get("/logging")
    tags, request = recorded.logs.envelopes[0]["tags"], recorded.spans.spans[0]
    assert tags["ai.operation.id"] == request.context.trace_id
    assert tags["ai.operation.parentId"] == request.span_id
