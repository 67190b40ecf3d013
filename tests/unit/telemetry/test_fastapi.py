import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse
from opencensus.trace import execution_context
from starlette.types import Message, Receive, Scope, Send

from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry import Telemetry, TelemetrySettings, current_operation_id
from telemetry._internal.tracing.tracing import current_tracer
from telemetry.integrations.fastapi import trace_app
from telemetry.testing import EnvelopeRecorder, RecordedTelemetry, SpanRecorder

pytestmark = pytest.mark.anyio
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def app(recorded: Recorded, router: APIRouter) -> FastAPI:
    app = FastAPI()

    @app.get("/healthz")
    async def health() -> str | None:
        with recorded.telemetry.span("dependency check"):
            return current_operation_id()

    @app.get("/healthz-of-others")
    async def other() -> None:
        return None

    inner = FastAPI()
    inner.include_router(router, prefix="/deep")
    app.include_router(router, prefix="/api")
    app.mount("/mounted", inner)
    trace_app(app, recorded.telemetry)
    return app


@pytest.fixture
def router(recorded: Recorded) -> APIRouter:
    router = APIRouter()

    @router.get("/items/{item}")
    async def item(item: int) -> dict[str, str | None]:
        with recorded.telemetry.span("work"):
            await asyncio.sleep(0.001 * item)
        return {"operation_id": current_operation_id()}

    @router.get("/threaded/{item}")
    def threaded(item: int) -> int:
        with recorded.telemetry.span("work"):
            return item

    @router.get("/broken")
    async def broken() -> None:
        message = "failed"
        raise RuntimeError(message)

    @router.get("/conflict")
    async def conflict() -> None:
        raise HTTPException(409)

    @router.get("/stream")
    async def stream(*, fail: bool = False) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"one"
            await asyncio.sleep(0.02)
            if fail:
                message = "in mid-stream"
                raise RuntimeError(message)
            yield b"two"

        return StreamingResponse(chunks())

    @router.get("/background")
    async def background(tasks: BackgroundTasks) -> None:
        tasks.add_task(asyncio.sleep, 0.5)

    return router


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


async def test_unhandled_exception_is_reported_with_its_frames(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        response = await client.get("/api/broken")
    assert response.status_code == 500
    (request,) = recorded.spans.items("RequestData")
    (reported,) = recorded.spans.items("ExceptionData")
    assert (request["responseCode"], request["success"]) == ("500", False)
    details = reported["exceptions"][0]
    assert (details["typeName"], details["message"]) == ("RuntimeError", "failed")
    assert details["parsedStack"][0]["method"] == "broken"
    assert [frame["level"] for frame in details["parsedStack"]] == list(range(len(details["parsedStack"])))


async def test_exception_is_a_child_of_its_request(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/broken", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    exception, request = recorded.spans.envelopes()
    assert exception["tags"]["ai.operation.parentId"] == request["data"]["baseData"]["id"]
    assert request["tags"]["ai.operation.parentId"] == SPAN
    assert "stacktrace" not in request["data"]["baseData"]["properties"]


async def test_status_code_of_an_error_handler_is_recorded(app: FastAPI, recorded: Recorded) -> None:
    @app.exception_handler(Exception)
    async def handle(*_args: object) -> JSONResponse:
        return JSONResponse({}, 503)

    async with running(app) as client:
        assert (await client.get("/api/broken")).status_code == 503
    assert recorded.spans.items("RequestData")[0]["responseCode"] == "503"


async def test_http_exception_is_a_failure_without_exception_item(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/conflict")
    assert [request["success"] for request in recorded.spans.items("RequestData")] == [False]
    assert recorded.spans.items("ExceptionData") == []


async def test_streamed_response_lasts_until_its_last_byte(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/stream")
    assert recorded.spans.items("RequestData")[0]["duration"] >= "0.00:00:00.020000"


async def test_error_in_mid_stream_is_a_failure(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/stream?fail=true")
    (request,) = recorded.spans.items("RequestData")
    assert (request["responseCode"], request["success"]) == ("200", False)
    assert recorded.spans.items("ExceptionData")[0]["exceptions"][0]["message"] == "in mid-stream"


async def test_single_exception_of_a_group_is_reported_itself(app: FastAPI, recorded: Recorded) -> None:
    @app.get("/group")
    async def group() -> None:
        message = "unhandled errors in a TaskGroup"
        raise ExceptionGroup(message, [LookupError("the only one")])

    async with running(app) as client:
        await client.get("/group")
    (details,) = recorded.spans.items("ExceptionData")[0]["exceptions"]
    assert (details["typeName"], details["message"]) == ("LookupError", "the only one")


async def test_background_task_does_not_extend_the_request(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/api/background")
    assert recorded.spans.items("RequestData")[0]["duration"] < "0.00:00:00.500000"


async def test_cancelled_request_is_a_failure(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        task = asyncio.create_task(client.get("/api/items/10000"))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    request = recorded.spans.items("RequestData")[0]
    assert (request["responseCode"], request["success"]) == ("499", False)


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


async def test_telemetry_starts_and_closes_with_the_app() -> None:
    recorder, seen = SpanRecorder(), []
    telemetry = Telemetry(TelemetrySettings(role="r"), span_exporter=recorder, log_exporter=EnvelopeRecorder())

    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with telemetry.span("start-up"):
            yield
        seen.append("shutdown")

    app = FastAPI(lifespan=asynccontextmanager(lifespan))
    trace_app(app, telemetry)
    async with running(app):
        pass
    with telemetry.span("after"):
        pass
    assert recorder.names == ["start-up"]


async def test_telemetry_is_closed_before_shutdown_complete_is_sent() -> None:
    order: list[str] = []

    class RecordingTelemetry(Telemetry):
        def close(self, timeout_s: float = 5.0) -> None:
            order.append("closed")
            super().close(timeout_s)

    app = FastAPI()
    telemetry = RecordingTelemetry(
        TelemetrySettings(role="r"), span_exporter=SpanRecorder(), log_exporter=EnvelopeRecorder()
    )
    trace_app(app, telemetry)
    incoming = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(incoming)}

    async def send(message: dict[str, str]) -> None:
        order.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)  # type: ignore[arg-type]
    assert order == ["lifespan.startup.complete", "closed", "lifespan.shutdown.complete"]


async def test_error_of_a_background_task_is_reported_in_the_operation_of_its_request(
    app: FastAPI, recorded: Recorded
) -> None:
    def job() -> None:
        message = "job failed"
        raise ValueError(message)

    @app.get("/job")
    async def start_job(tasks: BackgroundTasks) -> None:
        tasks.add_task(job)

    async with running(app) as client:
        assert (await client.get("/job")).status_code == 200
    (request,) = recorded.spans.envelopes()
    (exception,) = recorded.logs.envelopes
    assert request["data"]["baseData"]["success"] is True
    details = exception["data"]["baseData"]["exceptions"][0]
    assert (details["typeName"], details["message"]) == ("ValueError", "job failed")
    assert details["parsedStack"][0]["method"] == "job"
    assert exception["tags"]["ai.operation.id"] == request["tags"]["ai.operation.id"]
    assert exception["tags"]["ai.operation.parentId"] == request["data"]["baseData"]["id"]
    assert exception["tags"]["ai.operation.name"] == "GET /job"


async def test_error_of_a_background_task_of_an_unsampled_request_is_only_counted() -> None:
    recorded = RecordedTelemetry("tested", sampling_rate=0.0)
    app = FastAPI()
    trace_app(app, recorded.telemetry)

    @app.get("/job")
    async def start_job(tasks: BackgroundTasks) -> None:
        tasks.add_task(int, "four")

    async with running(app) as client:
        await client.get("/job")
    assert recorded.spans.spans == []
    assert recorded.logs.envelopes == []
    assert [point["count"] for point in recorded.measurements("Exceptions")] == [1]


async def test_members_of_an_exception_group_are_reported(app: FastAPI, recorded: Recorded) -> None:
    async def fail(error: Exception) -> None:
        raise error

    @app.get("/tasks")
    async def tasks() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(ValueError("first")))
            group.create_task(fail(KeyError("second")))

    async with running(app) as client:
        await client.get("/tasks")
    details = recorded.spans.items("ExceptionData")[0]["exceptions"]
    assert [(entry["typeName"], entry["outerId"]) for entry in details] == [
        ("ExceptionGroup", 0),
        ("ValueError", 1),
        ("KeyError", 1),
    ]


async def test_exit_of_an_endpoint_is_a_failed_request(app: FastAPI, recorded: Recorded) -> None:
    async def end(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise SystemExit(3)

    app.mount("/end", end)
    scope = {"type": "http", "method": "GET", "path": "/end/", "headers": [], "scheme": "http", "query_string": b""}
    with pytest.raises(SystemExit):
        await app(scope, no_message, ignore_message)
    assert recorded.spans.items("RequestData")[0]["responseCode"] == "500"
    assert recorded.spans.items("ExceptionData")[0]["exceptions"][0]["typeName"] == "SystemExit"


async def test_app_that_is_traced_twice_has_one_request_with_the_last_telemetry(recorded: Recorded) -> None:
    app, first = FastAPI(), Recorded("first")

    @app.get("/a")
    async def a() -> None:
        return None

    with first.telemetry:
        trace_app(app, first.telemetry)
        trace_app(app, recorded.telemetry)
        async with running(app) as client:
            await client.get("/a")
    assert recorded.spans.tree() == ["GET /a"]
    assert first.spans.tree() == []


@pytest.mark.parametrize("excluded", [False, True])
async def test_mounted_app_that_is_traced_as_well_has_one_request(recorded: Recorded, *, excluded: bool) -> None:
    app, inner = FastAPI(), FastAPI()

    @inner.get("/b")
    async def b() -> None:
        return None

    app.mount("/inner", inner)
    trace_app(app, recorded.telemetry, excluded_paths=["/inner/b"] if excluded else [])
    trace_app(inner, recorded.telemetry)
    async with running(app) as client:
        await client.get("/inner/b")
        await client.get("/inner/b")
    assert recorded.spans.tree() == ([] if excluded else ["GET /inner/b"] * 2)


@pytest.mark.parametrize("mounted", [False, True])
async def test_telemetry_starts_with_the_first_request_without_lifespan(*, mounted: bool) -> None:
    recorded = RecordedTelemetry("tested")
    app, outer = FastAPI(), FastAPI()

    @app.get("/hello")
    async def hello() -> None:
        return None

    trace_app(app, recorded.telemetry)
    outer.mount("/outer", app)
    served, prefix = (outer, "/outer") if mounted else (app, "")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://t") as client:
        await client.get(f"{prefix}/hello")
        await client.get(f"{prefix}/hello")
    recorded.telemetry.close()
    assert [request["success"] for request in recorded.spans.items("RequestData")] == [True, True]


async def test_closed_telemetry_is_not_started_again_by_a_request(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        pass
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        await client.get("/api/items/0")
    assert recorded.spans.spans == []


async def no_message() -> Message:
    return {"type": "http.request"}


async def ignore_message(_message: Message) -> None:
    """Ignore a message of the app."""


async def session(app: FastAPI, path: str, *incoming: Message, headers: dict[str, str] | None = None) -> None:
    """Run one WebSocket session whose client sends these messages, then disconnects."""
    messages = iter([{"type": "websocket.connect"}, *incoming, {"type": "websocket.disconnect", "code": 1001}])

    async def receive() -> Message:
        return next(messages)

    encoded = [(name.encode(), value.encode()) for name, value in ({"host": "h"} | (headers or {})).items()]
    scope = {"type": "websocket", "path": path, "headers": encoded, "scheme": "ws", "query_string": b"token=secret"}
    with suppress(Exception):
        await app({**scope, "extensions": {"websocket.http.response": {}}}, receive, ignore_message)


@pytest.fixture
def sockets(app: FastAPI, recorded: Recorded) -> FastAPI:
    logger = logging.getLogger("tested.websocket")
    recorded.telemetry.capture_logs("tested.websocket")

    @app.websocket("/rooms/{room}")
    async def room(socket: WebSocket, room: str) -> None:
        if room == "forbidden":
            await socket.close()
            return
        if room == "early":
            message = "before the handshake"
            raise ValueError(message)
        await socket.accept()
        logger.warning("accepted")
        with recorded.telemetry.span("work"):
            text = await socket.receive_text()
        if text == "fail":
            message = "socket broke"
            raise ValueError(message)
        await socket.close(code=int(text))

    return app


def text(value: str) -> Message:
    return {"type": "websocket.receive", "text": value}


async def test_websocket_session_is_one_request(sockets: FastAPI, recorded: Recorded) -> None:
    await session(sockets, "/rooms/7", text("1000"), headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    (request,) = recorded.spans.items("RequestData")
    tags = recorded.spans.envelopes()[-1]["tags"]
    assert (request["name"], request["url"]) == ("GET /rooms/{room}", "ws://h/rooms/7")
    assert (request["responseCode"], request["success"]) == ("101", True)
    assert request["properties"] == {"websocket.close_code": "1000"}
    assert (tags["ai.operation.id"], tags["ai.operation.parentId"]) == (TRACE, SPAN)
    assert recorded.spans.tree() == ["GET /rooms/{room}", "  work"]
    (log,) = recorded.logs.envelopes
    assert (log["tags"]["ai.operation.id"], log["tags"]["ai.operation.parentId"]) == (TRACE, request["id"])
    assert current_tracer() is None


async def test_error_of_a_websocket_session_is_reported(sockets: FastAPI, recorded: Recorded) -> None:
    await session(sockets, "/rooms/7", text("fail"))
    (request,) = recorded.spans.items("RequestData")
    assert (request["responseCode"], request["success"]) == ("101", False)
    assert recorded.spans.items("ExceptionData")[0]["exceptions"][0]["message"] == "socket broke"


@pytest.mark.parametrize(
    ("room", "incoming", "outcome"),
    [
        ("forbidden", [], ("403", False)),
        ("early", [], ("500", False)),
        ("unread", [], ("101", True)),
        ("closed", [text("1011")], ("101", False)),
        ("closed", [text("1008")], ("101", False)),
        ("closed", [text("1001")], ("101", True)),
        ("closed", [text("4000")], ("101", True)),
    ],
)
async def test_outcome_of_a_websocket_session(
    sockets: FastAPI, recorded: Recorded, room: str, incoming: list[Message], outcome: tuple[str, bool]
) -> None:
    await session(sockets, f"/rooms/{room}", *incoming)
    (request,) = recorded.spans.items("RequestData")
    assert (request["responseCode"], request["success"]) == outcome
    assert len(recorded.spans.items("ExceptionData")) == (room == "early")


async def test_rejected_handshake_has_the_status_of_its_response(app: FastAPI, recorded: Recorded) -> None:
    async def reject(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})

    app.mount("/rejected", reject)
    await session(app, "/rejected/1")
    (request,) = recorded.spans.items("RequestData")
    assert (request["responseCode"], request["success"]) == ("401", False)


async def test_websocket_session_of_an_excluded_path_is_not_traced(recorded: Recorded) -> None:
    app = FastAPI()

    @app.websocket("/ws")
    async def ws(socket: WebSocket) -> None:
        await socket.accept()

    trace_app(app, recorded.telemetry, excluded_paths=["/ws"])
    await session(app, "/ws")
    assert recorded.spans.spans == []
