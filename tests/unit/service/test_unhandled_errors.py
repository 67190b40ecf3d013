"""An unhandled exception: one log record, one exception in telemetry, and no effect on the next request."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import BackgroundTasks, FastAPI
from starlette.responses import StreamingResponse

from service import service_app
from support.recorded_telemetry import Recorded
from telemetry import current_ids
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio


class JobError(Exception):
    pass


def build_app(recorded: Recorded) -> FastAPI:
    app = service_app("jobs", "Runs jobs.", current_ids)
    recorded.telemetry.capture_logs("jobs")
    trace_app(app, recorded.telemetry)

    @app.get("/ok")
    async def ok() -> int:
        return 4

    @app.get("/fail")
    async def fail() -> None:
        raise JobError

    @app.get("/fail-after")
    async def fail_after(tasks: BackgroundTasks) -> int:
        async def job() -> None:
            raise JobError

        tasks.add_task(job)
        return 4

    @app.get("/fail-within")
    async def fail_within() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"first"
            raise JobError

        return StreamingResponse(parts())

    return app


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the application with uvicorn; the client has one connection."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits) as client:
            yield client
        server.should_exit = True
        await serving


async def test_failing_request_does_not_close_the_connection(recorded: Recorded) -> None:
    opened: list[str] = []

    async def trace(event: str, _info: object) -> None:
        if event == "connection.connect_tcp.started":
            opened.append(event)

    async with served(build_app(recorded)) as client:
        statuses = [
            (await client.get(path, extensions={"trace": trace})).status_code
            for path in ("/fail", "/ok", "/fail-after", "/ok", "/fail", "/ok")
        ]
    assert statuses == [500, 200, 200, 200, 500, 200]
    assert len(opened) == 1


@pytest.mark.parametrize(("path", "status"), [("/fail", 500), ("/fail-after", 200)])
async def test_unhandled_exception_is_logged_and_recorded_once(
    recorded: Recorded, caplog: pytest.LogCaptureFixture, path: str, status: int
) -> None:
    with caplog.at_level(logging.INFO):
        async with served(build_app(recorded)) as client:
            assert (await client.get(path)).status_code == status
    assert [record.name for record in caplog.records if record.exc_info] == ["jobs"]
    (exception,) = recorded.logs.items("ExceptionData")
    assert exception["exceptions"][0]["typeName"] == "JobError"
    assert recorded.spans.items("ExceptionData") == []
    (request,) = recorded.spans.items("RequestData")
    (envelope,) = recorded.logs.envelopes
    assert envelope["tags"]["ai.operation.parentId"] == request["id"]


async def test_exception_in_the_middle_of_a_response_closes_the_connection(recorded: Recorded) -> None:
    async with served(build_app(recorded)) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/fail-within")
        assert (await client.get("/ok")).status_code == 200
