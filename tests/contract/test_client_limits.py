"""Limits on what a client may send and how long it may take, over real connections."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from local_insights.http.protocol import MAX_HEADER_BYTES, MAX_HEADERS, LimitedHttpProtocol
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore
from support.captured_posts import envelopes

pytestmark = pytest.mark.anyio

SHORT_S = 0.05
LONG_S = 30.0
GOOD = envelopes("opencensus_fixed", "RequestData")[0]
HEAD = b"POST /v2.1/track HTTP/1.1\r\nHost: 127.0.0.1\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
MEGABYTE = 1024 * 1024


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings() -> Settings:
    return Settings(max_inflight_mb=16)


@dataclass
class Served:
    """A running server; a call connects to it."""

    connect: Callable[[], Awaitable[Streams]]
    connections: set[Any]

    def __call__(self) -> Awaitable[Streams]:
        return self.connect()

    def end_time_limits(self) -> None:
        """Let the time limit of every connection end now."""
        for connection in list(self.connections):
            connection._read_deadline_s = 0.0
            connection._check_reading()


@asynccontextmanager
async def served(app: ASGIApp, timeout_s: float) -> AsyncIterator[Served]:
    """Serve an application on a free port."""
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: LimitedHttpProtocol(timeout_s=timeout_s, config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    port = server.sockets[0].getsockname()[1]
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    try:
        yield Served(connect, state.connections)
    finally:
        server.close()
        for writer in opened:
            writer.close()
        for connection in state.connections:
            connection.transport.abort()
        while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0)


async def problem_of(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Read one response, which must be a problem document that closes the connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert "connection: close" in head
    assert "content-type: application/problem+json" in head
    length = int(head.partition("content-length: ")[2].split()[0])
    document = json.loads(await reader.readexactly(length))
    assert document["status"] == int(head.split()[1])
    return document["status"], document["detail"]


async def ok(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("ok")(scope, receive, send)


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET / HTTP/1.1\r\nX: ", *[b"x" * MEGABYTE] * 4],
        [b"GET /", *[b"x" * MEGABYTE] * 4],
        [b"GET / HTTP/1.1\r\n", *[b"A: b\r\n" * 10_000] * 10],
        [b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEADER_BYTES + b"\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (MAX_HEADERS + 1) + b"\r\n"],
        [b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ", *[b"x" * MEGABYTE] * 4],
        [b"\r\n" * MEGABYTE],
    ],
    ids=["value", "url", "endless", "value at once", "count", "trailer", "empty lines"],
)
async def test_headers_over_a_limit_are_rejected_with_431_and_not_buffered(parts: list[bytes]) -> None:
    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await ok(scope, receive, send)

    async with served(reading, LONG_S) as connect:
        reader, writer = await connect()
        with suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
        status, detail = await problem_of(reader)
    assert status == 431
    assert f"{MAX_HEADER_BYTES:,} bytes" in detail


async def test_headers_within_the_limits_are_accepted() -> None:
    async with served(ok, LONG_S) as connect:
        reader, writer = await connect()
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (MAX_HEADERS - 1))
            writer.write(b"X: " + b"x" * (MAX_HEADER_BYTES - 1_000) + b"\r\n\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def test_request_that_cannot_be_parsed_is_rejected_with_a_problem_document() -> None:
    async with served(ok, LONG_S) as connect:
        reader, writer = await connect()
        writer.write(b"\x00\x01\r\n\r\n")
        assert (await problem_of(reader))[0] == 400


@pytest.mark.parametrize(
    ("sent", "part"),
    [(b"GET / HT", "the headers"), (HEAD + b"Content-Length: 9\r\n\r\n[", "the rest of the body")],
    ids=["headers", "body"],
)
async def test_incomplete_request_is_rejected_with_408(app: Starlette, sent: bytes, part: str) -> None:
    async with served(app, SHORT_S) as connect:
        reader, writer = await connect()
        writer.write(sent)
        status, detail = await problem_of(reader)
    assert status == 408
    assert detail.startswith(part)


async def test_headers_that_arrive_byte_by_byte_do_not_extend_their_time_limit() -> None:
    async with served(ok, SHORT_S) as connect:
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        response = asyncio.ensure_future(problem_of(reader))
        while not response.done():
            with suppress(ConnectionError):
                writer.write(b"x")
                await writer.drain()
            await asyncio.wait([response], timeout=SHORT_S / 5)
        assert response.result()[0] == 408


async def test_body_that_arrives_byte_by_byte_has_a_time_limit(app: Starlette) -> None:
    timeout_s = SHORT_S / 2
    async with served(app, timeout_s) as connect:
        reader, writer = await connect()
        writer.write(HEAD + b"Content-Length: 999999\r\n\r\n")
        response = asyncio.ensure_future(problem_of(reader))
        while not response.done():
            with suppress(ConnectionError):
                writer.write(b" ")
                await writer.drain()
            await asyncio.wait([response], timeout=timeout_s / 10)
        assert response.result()[0] == 408


async def test_connection_without_a_request_is_closed_without_a_response() -> None:
    async with served(ok, SHORT_S) as connect:
        reader, _ = await connect()
        assert await reader.read() == b""


async def test_stopped_bodies_release_the_memory_budget_and_the_server_is_not_ready_meanwhile(
    app: Starlette, client: httpx.AsyncClient, store: DuckDBStore
) -> None:
    body = b'[{"a":"' + b"x" * int(3.95 * MEGABYTE)  # four of them leave less than the space of a batch
    async with served(app, LONG_S) as connect:
        readers = []
        for _ in range(4):
            reader, writer = await connect()
            writer.write(HEAD + b"Content-Length: 9999999\r\n\r\n" + body)
            await writer.drain()
            readers.append(reader)
        response = await client.get("/readyz")
        while response.status_code == 200:
            await asyncio.sleep(0)  # the server of the test runs in the same event loop
            response = await client.get("/readyz")
        assert response.headers["retry-after"] == "5"
        assert "INSIGHTS_MAX_INFLIGHT_MB" in response.json()["detail"]
        assert (await client.post("/v2.1/track", content=b" " * MEGABYTE)).status_code == 503
        connect.end_time_limits()
        assert [(await problem_of(reader))[0] for reader in readers] == [408] * 4
        assert (await client.get("/readyz")).status_code == 200
    assert (await client.post("/v2.1/track", json=[GOOD])).status_code == 200
    assert store.stats().items == 1


async def test_time_in_which_the_server_does_not_read_does_not_count() -> None:
    proceed = asyncio.Event()

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await proceed.wait()
        size = 0
        while True:
            message = await receive()
            size += len(message["body"])
            if not message["more_body"]:
                break
        await Response(str(size))(scope, receive, send)

    async with served(busy, SHORT_S) as connect:
        reader, writer = await connect()
        body = b"x" * (4 * MEGABYTE)
        writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        writer.write(body)
        await asyncio.sleep(SHORT_S * 2)
        proceed.set()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_connection_whose_client_reads_nothing_is_aborted() -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * MEGABYTE
                await asyncio.sleep(0)
        finally:
            ended.set()

    async with served(StreamingResponse(endless()), SHORT_S) as connect:
        _, writer = await connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport of a socket can
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await asyncio.wait_for(ended.wait(), 10)
