"""The application of `service_app`: its defaults, its documentation page, and the paths that are not traced."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

import echo.main
import frontend.main
import service
import storage.main
from service import UNTRACED_PATHS, service_app
from service.app import MAX_BODY_BYTES
from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry import current_ids
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio

VENDORED = Path(service.__file__).parent / "static" / "vendor"


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("shop")


@pytest.fixture
async def client(anyio_backend: str, recorded: Recorded) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 - for anyio
    app = service_app("shop <1>", "Sells things.", current_ids)

    @app.post("/orders")
    async def order(body: dict[str, str]) -> int:
        return len(body)

    trace_app(app, recorded.telemetry, excluded_paths=UNTRACED_PATHS)
    async with running(app) as client:
        yield client


def loaded_by(page: str) -> list[str]:
    """The addresses of scripts and style sheets, relative to `/`."""
    return re.findall(r'(?:src|href)="(docs/[^"]+)"', page)


async def test_openapi_document_has_title_and_summary(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert (document["info"]["title"], document["info"]["summary"]) == ("shop <1>", "Sells things.")
    assert list(document["paths"]) == ["/orders"]


async def test_body_limit_is_256_kib(client: httpx.AsyncClient) -> None:
    response = await client.post("/orders", content=b"x" * (MAX_BODY_BYTES + 1))
    assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")
    assert response.json()["detail"] == "The body is longer than the limit of 262,144 bytes."


async def test_docs_page_loads_only_files_of_the_service(client: httpx.AsyncClient) -> None:
    response = await client.get("/docs")
    assert "<title>shop &lt;1&gt; · API</title>" in response.text
    assert "//" not in re.sub(r"<a [^>]*>", "", response.text)
    assert len(loaded_by(response.text)) == 3
    for path in loaded_by(response.text):
        assert (await client.get(f"/{path}")).status_code == 200


async def test_docs_page_has_a_strict_policy_and_no_inline_script(client: httpx.AsyncClient) -> None:
    response = await client.get("/docs")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>", response.text) == re.findall(r"<script src=[^>]*>", response.text)
    assert "<style" not in response.text


async def test_docs_and_health_check_are_not_traced(client: httpx.AsyncClient, recorded: Recorded) -> None:
    page = await client.get("/docs")
    for path in ("healthz", "openapi.json", *loaded_by(page.text)):
        await client.get(f"/{path}")
    assert recorded.spans.spans == []
    await client.post("/orders", json={})
    assert len(recorded.spans.spans) == 1


def test_vendored_files_are_the_published_ones() -> None:
    table = (VENDORED / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\S+)/` \|.*\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$", table, re.MULTILINE)
    assert len(rows) == 2
    for folder, file, digest in rows:
        assert hashlib.sha256((VENDORED / folder / file).read_bytes()).hexdigest() == digest
        assert (VENDORED / folder / "LICENSE").exists()
        assert (VENDORED / folder / "NOTICE").exists()


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
@pytest.mark.parametrize("create_app", [echo.main.create_app, frontend.main.create_app, storage.main.create_app])
async def test_every_service_of_the_mesh_has_untraced_docs(
    recorded: Recorded, create_app: Callable[..., FastAPI], path: str
) -> None:
    transport = httpx.ASGITransport(create_app(telemetry=recorded.telemetry))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get(path)).status_code == 200
    assert recorded.spans.spans == []
