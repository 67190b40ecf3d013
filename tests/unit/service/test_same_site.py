"""Requests that a page of another site makes a browser send are rejected."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from starlette.types import Message

from service import service_app, split_names
from service.same_site import host_name, is_loopback
from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry import current_ids
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio

OWN_HOSTS = [
    "127.0.0.1:8000",
    "127.9.9.9",
    "localhost",
    "LOCALHOST.:8000",
    "app.localhost:8000",
    "[::1]:8000",
    "10.0.0.5:8000",
    "shop.example",
    "SHOP.example:80",
    "shop.local:8000",
]
OTHER_HOSTS = [
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil-localhost:8000",
    "10.0.0.6",
    "user@127.0.0.1",
    "127.0.0.1@evil.example",
    "[::1].evil",
    "127.0.0.1:8000:1",
    "::1:8000",
    ":80",
    "",
]


def build_app(recorded: Recorded) -> FastAPI:
    app = service_app("shop", "Sells things.", current_ids, host_names=split_names(" Shop.example, , shop.local."))
    trace_app(app, recorded.telemetry)

    @app.get("/orders")
    @app.post("/orders")
    async def orders() -> str:
        return "ok"

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()

    return app


@pytest.fixture
async def client(anyio_backend: str, recorded: Recorded) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 - for anyio
    async with running(build_app(recorded)) as client:
        client.base_url = httpx.URL("http://10.0.0.5:8000")  # the address of the connection
        yield client


@pytest.mark.parametrize("host", OWN_HOSTS)
async def test_own_host_name_is_accepted(client: httpx.AsyncClient, host: str) -> None:
    for method in ("GET", "POST"):
        assert (await client.request(method, "/orders", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", OTHER_HOSTS)
@pytest.mark.parametrize("path", ["/orders", "/healthz", "/docs", "/nowhere"])
async def test_other_host_name_is_rejected_with_421(client: httpx.AsyncClient, host: str, path: str) -> None:
    response = await client.get(path, headers={"host": host})
    assert (response.status_code, response.headers["content-type"]) == (421, "application/problem+json")
    assert response.json()["operation_id"]


async def test_each_of_several_host_headers_is_checked(client: httpx.AsyncClient) -> None:
    request = client.build_request("GET", "/orders", headers=[("host", "127.0.0.1"), ("host", "evil.example")])
    assert (await client.send(request)).status_code == 421


CROSS_SITE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"},
    {"origin": "http://evil.example"},
    {"origin": "http://127.0.0.1:9000"},
    {"origin": "http://127.0.0.1"},
    {"origin": "http://localhost:8000"},
    {"origin": "null"},
    {"origin": "http://[::1"},
    {"origin": "http://127.0.0.1:x"},
    {"origin": ""},
]
SAME_SITE: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-origin", "origin": "https://behind-a-proxy.example"},
    {"origin": "http://127.0.0.1:8000"},
]


@pytest.mark.parametrize("headers", CROSS_SITE)
async def test_change_from_another_site_is_rejected_with_403(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.post("/orders", headers={"host": "127.0.0.1:8000", **headers})
    assert (response.status_code, response.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("headers", SAME_SITE)
async def test_change_from_the_own_site_is_accepted(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.post("/orders", headers={"host": "127.0.0.1:8000", **headers})).status_code == 200


@pytest.mark.parametrize("headers", CROSS_SITE)
async def test_link_from_another_site_is_accepted(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/orders", headers={"host": "127.0.0.1:8000", **headers})).status_code == 200


@pytest.mark.parametrize("port", ["", ":80"])
async def test_origin_without_port_has_the_default_port(client: httpx.AsyncClient, port: str) -> None:
    headers = {"host": f"shop.example{port}", "origin": "http://shop.example"}
    assert (await client.post("/orders", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({}, True),
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"origin": "http://evil.example"}, False),
        ({"host": "evil.example"}, False),
    ],
)
async def test_websocket_of_another_site_is_closed(
    recorded: Recorded, headers: dict[str, str], *, accepted: bool
) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    all_headers = {"host": "127.0.0.1:8000", **headers}
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/live",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in all_headers.items()],
        "server": ("127.0.0.1", 8000),
    }
    await build_app(recorded)(scope, receive, send)
    assert sent[0]["type"] == ("websocket.accept" if accepted else "websocket.close")


def test_host_name_is_normalized() -> None:
    assert [host_name(host) for host in ("A.b:1", "a.b.", "[::1]:80", "[::1]")] == ["a.b", "a.b", "::1", "::1"]
    assert [is_loopback(name) for name in ("127.0.0.1", "::1", "localhost", "a.b", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
