"""FastAPI: one server span per WebSocket session."""

import logging
from contextlib import suppress

import pytest
from fastapi import FastAPI, WebSocket
from starlette.types import Message, Receive, Scope, Send

from support.recorded_telemetry import Recorded
from support.traced_app import build_traced_app
from telemetry._internal.tracing.tracing import current_tracer
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def app(recorded: Recorded) -> FastAPI:
    return build_traced_app(recorded)


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


async def test_websocket_session_is_no_response_time(sockets: FastAPI, recorded: Recorded) -> None:
    for room, incoming in (("7", [text("1000")]), ("8", [text("fail")]), ("forbidden", [])):
        await session(sockets, f"/rooms/{room}", *incoming)
    assert len(recorded.spans.items("RequestData")) == 3
    recorded.telemetry.close()
    (times,) = recorded.measurements("Server response time")
    assert (times["count"], times["properties"]["request/resultCode"]) == (1, "403")
    assert [point["count"] for point in recorded.measurements("Exceptions")] == [1]


@pytest.mark.parametrize(("kind", "url"), [("websocket", "ws://h/rooms/early"), ("http", "http://h/api/broken")])
async def test_url_without_a_scheme_in_the_scope_and_without_credentials(
    kind: str, url: str, sockets: FastAPI, recorded: Recorded
) -> None:
    async def receive() -> Message:
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    path = url.partition("//h")[2]
    scope = {"type": kind, "method": "GET", "path": path, "headers": [(b"host", b"user:secret@h")], "query_string": b""}
    with suppress(Exception):
        await sockets(scope, receive, ignore_message)
    assert [item["url"] for item in recorded.spans.items("RequestData")] == [url]
