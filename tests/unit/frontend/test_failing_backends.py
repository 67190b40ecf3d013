"""Failures of echo, storage and its database: the response names the service, within the timeout."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import httpx
import pytest

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.fake_backends import FakeBackends, echoes
from support.recorded_telemetry import Recorded
from support.running_app import running

pytestmark = pytest.mark.anyio

Respond = Callable[[httpx.Request], httpx.Response]


def rejects_connections(request: httpx.Request) -> NoReturn:
    message = "All connection attempts failed"
    raise httpx.ConnectError(message, request=request)


def closes_the_connection(request: httpx.Request) -> NoReturn:
    message = "Server disconnected without sending a response."
    raise httpx.RemoteProtocolError(message, request=request)


def times_out(request: httpx.Request) -> NoReturn:
    message = "no data"
    raise httpx.ReadTimeout(message, request=request)


def sends_invalid_gzip(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"not gzip", headers={"content-encoding": "gzip"})


def lacks_mysql(_request: httpx.Request) -> httpx.Response:
    problem = {"status": 503, "detail": "MySQL at db:3306 is unavailable.", "service": "MySQL"}
    return httpx.Response(503, json=problem)


def fails(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(500, text="Internal Server Error")


UNEXPECTED_BODIES = [b"", b"<html>", b"[]", b'{"value": ""}', b'{"value": 4}', b'{"id": 1}', b"\xff"]


async def enter(client: httpx.AsyncClient) -> tuple[int, str | None, str]:
    response = await client.post("/values", json={"value": "4"})
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    return response.status_code, problem.get("service"), problem["detail"]


@pytest.mark.parametrize("failing", [rejects_connections, times_out, sends_invalid_gzip])
async def test_unreachable_echo_is_503_and_nothing_is_stored(
    client: httpx.AsyncClient, backends: FakeBackends, failing: Respond
) -> None:
    backends.echo = failing
    status, service, detail = await enter(client)
    assert (status, service) == (503, "echo")
    assert detail.startswith("echo ")
    assert backends.requests == ["echo POST /echo"]


@pytest.mark.parametrize("failing", [rejects_connections, closes_the_connection, times_out, sends_invalid_gzip])
async def test_unreachable_storage_is_503_and_storing_is_not_repeated(
    client: httpx.AsyncClient, backends: FakeBackends, failing: Respond
) -> None:
    backends.storage = failing
    status, service, detail = await enter(client)
    assert (status, service) == (503, "storage")
    assert detail.startswith("storage ")
    assert backends.requests == ["echo POST /echo", "storage POST /values"]


def once(failing: Respond, then: Respond) -> Respond:
    """Fail the first request only."""
    responses = iter([failing])

    def respond(request: httpx.Request) -> httpx.Response:
        return next(responses, then)(request)

    return respond


async def test_call_without_effect_is_repeated_once_when_a_pooled_connection_breaks(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    backends.echo = once(closes_the_connection, then=echoes)
    await enter_ok(client)
    assert backends.requests == ["echo POST /echo", "echo POST /echo", "storage POST /values"]
    backends.storage = once(closes_the_connection, then=lambda _request: httpx.Response(200, json=[]))
    assert (await client.get("/values")).json() == []


async def test_call_is_repeated_only_once(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.echo = closes_the_connection
    assert (await enter(client))[:2] == (503, "echo")
    assert backends.requests == ["echo POST /echo"] * 2


async def test_call_on_a_new_connection_is_not_repeated(recorded: Recorded) -> None:
    requests = 0

    async def connects_and_breaks(request: httpx.Request) -> httpx.Response:
        nonlocal requests
        requests += 1
        await request.extensions["trace"]("connection.connect_tcp.started", {})
        message = "Connection reset by peer"
        raise httpx.ReadError(message, request=request)

    app = create_app(FrontendSettings(), recorded.telemetry, httpx.MockTransport(connects_and_breaks))
    async with running(app) as client:
        assert (await enter(client))[:2] == (503, "echo")
    assert requests == 1


async def test_503_of_storage_that_names_mysql_names_mysql(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.storage = lacks_mysql
    assert await enter(client) == (503, "MySQL", "storage responded with 503: MySQL at db:3306 is unavailable.")


async def test_503_has_retry_after(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.storage = lacks_mysql
    assert (await client.get("/values")).headers["retry-after"] == "1"


async def test_500_of_a_service_is_502(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.echo = fails
    assert await enter(client) == (502, "echo", "echo responded with 500.")
    assert backends.requests == ["echo POST /echo"]


@pytest.mark.parametrize("content", UNEXPECTED_BODIES)
async def test_unexpected_body_of_echo_is_502_and_nothing_is_stored(
    client: httpx.AsyncClient, backends: FakeBackends, content: bytes
) -> None:
    backends.echo = lambda _request: httpx.Response(200, content=content)
    status, service, _ = await enter(client)
    assert (status, service) == (502, "echo")
    assert backends.requests == ["echo POST /echo"]


@pytest.mark.parametrize("content", UNEXPECTED_BODIES)
async def test_unexpected_body_of_storage_is_502(
    client: httpx.AsyncClient, backends: FakeBackends, content: bytes
) -> None:
    backends.storage = lambda _request: httpx.Response(201, content=content)
    status, service, _ = await enter(client)
    assert (status, service) == (502, "storage")


async def test_calls_of_one_request_share_its_deadline(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    await enter_ok(client)
    echo_timeout_s, storage_timeout_s = backends.timeouts_s
    assert echo_timeout_s == 1.0
    assert 2.0 < storage_timeout_s < 2.5


async def enter_ok(client: httpx.AsyncClient) -> None:
    assert (await client.post("/values", json={"value": "4"})).status_code == 201


async def test_call_that_exceeds_its_timeout_is_cancelled(recorded: Recorded) -> None:
    """httpx' own timeouts count from byte to byte, so they do not end a response that arrives slowly."""

    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return echoes(request)

    settings = FrontendSettings(echo_timeout_s=0.05)
    async with running(create_app(settings, recorded.telemetry, httpx.MockTransport(never))) as client:
        assert await enter(client) == (503, "echo", "echo did not respond within 0.1 s. Try again in a few seconds.")


async def test_service_is_used_again_after_a_failure(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.echo = rejects_connections
    await enter(client)
    backends.echo = echoes
    await enter_ok(client)
