"""Problem documents for errors that the server does not expect."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local_insights.http.problems import PROBLEMS


@pytest.mark.anyio
async def test_unexpected_error_announces_that_its_connection_is_closed() -> None:
    async def fail(_request: Request) -> Response:
        message = "a secret"
        raise RuntimeError(message)

    app = Starlette(routes=[Route("/fail", fail)], exception_handlers=PROBLEMS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        failed, unknown = await client.get("/fail"), await client.get("/unknown")
    assert (failed.status_code, failed.headers["content-type"]) == (500, "application/problem+json")
    assert failed.headers["connection"] == "close"
    assert "secret" not in failed.text
    assert (unknown.status_code, "connection" in unknown.headers) == (404, False)
