"""Echo, storage or its database fails: the client reads which one, soon, and nothing is half done."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

import httpx
import pytest

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.fake_backends import Neighbours, echo_answers
from support.recorded_telemetry import Recorded
from support.running_app import running

pytestmark = pytest.mark.anyio

Neighbour = Callable[[httpx.Request], httpx.Response]


def refuses_connections(request: httpx.Request) -> NoReturn:
    message = "All connection attempts failed"
    raise httpx.ConnectError(message, request=request)


def hangs_up(request: httpx.Request) -> NoReturn:
    message = "Server disconnected without sending a response."
    raise httpx.RemoteProtocolError(message, request=request)


def is_too_slow(request: httpx.Request) -> NoReturn:
    message = "nothing was read"
    raise httpx.ReadTimeout(message, request=request)


def compresses_badly(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"not gzip", headers={"content-encoding": "gzip"})


def lost_mysql(_request: httpx.Request) -> httpx.Response:
    problem = {"status": 503, "detail": "MySQL at db:3306 cannot be used now.", "service": "MySQL"}
    return httpx.Response(503, json=problem)


def fails(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(500, text="Internal Server Error")


NOT_WHAT_WAS_ASKED_FOR = [b"", b"<html>", b"[]", b'{"value": ""}', b'{"value": 4}', b'{"id": 1}', b"\xff"]


async def enter(client: httpx.AsyncClient) -> tuple[int, str | None, str]:
    response = await client.post("/values", json={"value": "4"})
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    return response.status_code, problem.get("service"), problem["detail"]


@pytest.mark.parametrize("failing", [refuses_connections, hangs_up, is_too_slow, compresses_badly])
async def test_echo_out_of_reach_is_503_and_nothing_is_stored(
    client: httpx.AsyncClient, neighbours: Neighbours, failing: Neighbour
) -> None:
    neighbours.echo = failing
    status, service, detail = await enter(client)
    assert (status, service) == (503, "echo")
    assert detail.startswith("echo ")
    assert neighbours.asked == ["echo POST /echo"]


@pytest.mark.parametrize("failing", [refuses_connections, hangs_up, is_too_slow, compresses_badly])
async def test_storage_out_of_reach_is_503(
    client: httpx.AsyncClient, neighbours: Neighbours, failing: Neighbour
) -> None:
    neighbours.storage = failing
    status, service, detail = await enter(client)
    assert (status, service) == (503, "storage")
    assert detail.startswith("storage ")


async def test_mysql_is_named_when_storage_names_it(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.storage = lost_mysql
    assert await enter(client) == (503, "MySQL", "storage answered 503: MySQL at db:3306 cannot be used now.")


async def test_503_says_when_to_come_back(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.storage = lost_mysql
    assert (await client.get("/values")).headers["retry-after"] == "1"


async def test_failure_inside_a_service_is_502(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.echo = fails
    assert await enter(client) == (502, "echo", "echo answered 500.")
    assert neighbours.asked == ["echo POST /echo"]


@pytest.mark.parametrize("content", NOT_WHAT_WAS_ASKED_FOR)
async def test_echo_that_is_not_echo_is_502_and_nothing_is_stored(
    client: httpx.AsyncClient, neighbours: Neighbours, content: bytes
) -> None:
    neighbours.echo = lambda _request: httpx.Response(200, content=content)
    status, service, _ = await enter(client)
    assert (status, service) == (502, "echo")
    assert neighbours.asked == ["echo POST /echo"]


@pytest.mark.parametrize("content", NOT_WHAT_WAS_ASKED_FOR)
async def test_storage_that_is_not_storage_is_502(
    client: httpx.AsyncClient, neighbours: Neighbours, content: bytes
) -> None:
    neighbours.storage = lambda _request: httpx.Response(201, content=content)
    status, service, _ = await enter(client)
    assert (status, service) == (502, "storage")


async def test_all_calls_of_one_request_share_its_deadline(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    await enter_ok(client)
    echo_timeout_s, storage_timeout_s = neighbours.timeouts_s
    assert echo_timeout_s == 1.0
    assert 2.0 < storage_timeout_s < 2.5


async def enter_ok(client: httpx.AsyncClient) -> None:
    assert (await client.post("/values", json={"value": "4"})).status_code == 201


async def test_call_that_outlasts_its_patience_is_cut_off(recorded: Recorded) -> None:
    """An answer that trickles in keeps httpx' own timeouts from striking, which count from byte to byte."""

    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return echo_answers(request)

    settings = FrontendSettings(echo_timeout_s=0.05)
    async with running(create_app(settings, recorded.telemetry, httpx.MockTransport(never))) as client:
        assert await enter(client) == (503, "echo", "echo did not answer within 0.1 s. Try again in a moment.")


async def test_service_that_comes_back_is_used_again(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.echo = refuses_connections
    await enter(client)
    neighbours.echo = echo_answers
    await enter_ok(client)
