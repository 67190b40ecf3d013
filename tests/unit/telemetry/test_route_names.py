"""Names of requests: the template of the route, for every kind of route."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio


async def page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def raw(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    (tmp_path / "a.css").touch()
    files = StaticFiles(directory=tmp_path)
    router = APIRouter()

    @router.get("/items/{item}")
    async def item(item: str) -> str:
        return item

    tenants = FastAPI()
    tenants.include_router(router)
    tenants.add_route("/about", page)

    @tenants.get("/orders/{order}")
    async def one(order: str) -> str:
        return order

    app = FastAPI()
    included = APIRouter()
    included.add_route("/page/{name}", page)
    app.include_router(included, prefix="/included")
    app.add_route("/plain/{name}", page)
    app.add_route("/plain", page)
    app.add_route("/posted", page, methods=["POST"])
    app.mount("/static", files)
    app.mount("/raw", raw)
    app.mount("/shop/{tenant}", tenants)
    app.mount("/outer", Starlette(routes=[Mount("/inner", routes=[Route("/{name}", page), Mount("/files", files)])]))
    app.router.routes.append(Host("files.example", app=files))
    app.router.routes.append(Host("{tenant}.example", app=Router([Route("/page/{name}", page)])))
    return app


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/docs", 200, "GET /docs"),
        ("/openapi.json", 200, "GET /openapi.json"),
        ("/plain", 200, "GET /plain"),
        ("/included/page/1", 200, "GET /included/page/{name}"),
        ("/plain/1", 200, "GET /plain/{name}"),
        ("/posted", 405, "GET /posted"),
        ("/static/a.css", 200, "GET /static"),
        ("/static/secret", 404, "GET (unmatched)"),
        ("/raw/anything", 200, "GET /raw"),
        ("/shop/7/orders/8", 200, "GET /shop/{tenant}/orders/{order}"),
        ("/shop/7/items/8", 200, "GET /shop/{tenant}/items/{item}"),
        ("/shop/7/about", 200, "GET /shop/{tenant}/about"),
        ("/shop/7/docs", 200, "GET /shop/{tenant}/docs"),
        ("/shop/7/secret", 404, "GET (unmatched)"),
        ("/outer/inner/1", 200, "GET /outer/inner/{name}"),
        ("/outer/inner/files/a.css", 200, "GET /outer/inner/files"),
        ("/outer/secret", 404, "GET (unmatched)"),
        ("/secret", 404, "GET (unmatched)"),
        ("/plain/", 307, "GET (unmatched)"),
        ("//files.example/a.css", 200, "GET /"),
        ("//files.example/secret", 404, "GET (unmatched)"),
        ("//a.example/page/1", 200, "GET /page/{name}"),
    ],
)
async def test_name_is_the_template_of_the_route(
    app: FastAPI, recorded: Recorded, path: str, status: int, name: str
) -> None:
    trace_app(app, recorded.telemetry)
    for root_path in ("", "/proxy"):
        transport = httpx.ASGITransport(app, root_path=root_path)
        host, _, rest = path.removeprefix("//").partition("/")
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host or 'shop'}") as client:
            assert (await client.get(f"{root_path}/{rest}")).status_code == status
    assert [request["name"] for request in recorded.spans.items("RequestData")] == [name, name]
    assert "secret" not in str(recorded.spans.envelopes())


async def test_files_at_the_root_have_the_name_of_the_root(tmp_path: Path, recorded: Recorded) -> None:
    (tmp_path / "index.html").touch()
    app = FastAPI()
    app.mount("/", StaticFiles(directory=tmp_path, html=True))
    trace_app(app, recorded.telemetry)
    async with running(app) as client:
        for path in ("/", "/index.html", "/secret"):
            await client.get(path)
    assert [request["name"] for request in recorded.spans.items("RequestData")] == [
        "GET /",
        "GET /",
        "GET (unmatched)",
    ]


async def test_same_endpoint_at_two_paths_has_two_names(recorded: Recorded) -> None:
    app = FastAPI()
    app.add_route("/a/{name}", page)
    app.add_route("/b/{name}", page)
    trace_app(app, recorded.telemetry)
    async with running(app) as client:
        await client.get("/b/1")
        await client.get("/a/1")
    assert recorded.spans.tree() == ["GET /b/{name}", "GET /a/{name}"]
