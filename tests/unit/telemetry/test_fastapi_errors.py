"""FastAPI: failed requests, and the exceptions that they report."""

import asyncio
import logging

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from support.recorded_telemetry import Recorded
from support.running_app import running
from support.traced_app import build_traced_app
from telemetry.integrations.fastapi import trace_app
from telemetry.testing import RecordedTelemetry

pytestmark = pytest.mark.anyio
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def app(recorded: Recorded) -> FastAPI:
    return build_traced_app(recorded)


async def no_message() -> Message:
    return {"type": "http.request"}


async def ignore_message(_message: Message) -> None:
    """Ignore a message of the app."""


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


async def test_cancelled_request_is_a_failure(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        task = asyncio.create_task(client.get("/api/items/10000"))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    request = recorded.spans.items("RequestData")[0]
    assert (request["responseCode"], request["success"]) == ("499", False)


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


@pytest.mark.parametrize("threaded", [False, True])
async def test_exception_that_a_logger_and_the_request_report_is_recorded_once(
    app: FastAPI, recorded: Recorded, *, threaded: bool
) -> None:
    logger = logging.getLogger("tested.errors")
    recorded.telemetry.capture_logs("tested.errors")

    def fail() -> None:
        try:
            int("four")
        except ValueError:
            logger.exception("first")
            logger.exception("second")
            raise

    @app.get("/logged")
    async def logged() -> None:
        if threaded:
            await asyncio.to_thread(fail)
        fail()

    async with running(app) as client:
        await client.get("/logged")
    (reported,) = recorded.logs.items("ExceptionData")
    assert reported["properties"]["message"] == "first"
    assert recorded.messages == ["second"]
    assert recorded.spans.items("ExceptionData") == []
    assert [request["success"] for request in recorded.spans.items("RequestData")] == [False]
    recorded.telemetry.close()
    assert [point["count"] for point in recorded.measurements("Exceptions")] == [1]


async def test_exception_that_the_server_logs_after_the_request_is_recorded_once(
    app: FastAPI, recorded: Recorded
) -> None:
    logger = logging.getLogger("tested.server")
    recorded.telemetry.capture_logs("tested.server")

    async with running(app):
        scope = {"type": "http", "method": "GET", "path": "/api/broken", "headers": [], "scheme": "http"}
        try:
            await app({**scope, "query_string": b""}, no_message, ignore_message)
        except RuntimeError:
            logger.exception("Exception in ASGI application")
    assert len(recorded.spans.items("ExceptionData")) == 1
    assert recorded.messages == ["Exception in ASGI application"]


async def test_one_exception_that_several_requests_raise_is_recorded_in_each(app: FastAPI, recorded: Recorded) -> None:
    shared = RuntimeError("shared")

    @app.get("/shared")
    async def fail() -> None:
        raise shared

    async with running(app) as client:
        await client.get("/shared")
        await client.get("/shared")
    assert len(recorded.spans.items("ExceptionData")) == 2


def test_exceptions_of_a_loop_are_recorded_each(recorded: Recorded) -> None:
    logger = logging.getLogger("tested.loop")
    recorded.telemetry.capture_logs("tested.loop")
    with recorded.telemetry.span("loop"):
        for text in ("one", "two"):
            try:
                int(text)
            except ValueError:
                logger.exception("no number")
    assert len(recorded.logs.items("ExceptionData")) == 2
