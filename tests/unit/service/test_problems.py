"""Every error response of a service is a problem document."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Form
from pydantic import BaseModel
from starlette.staticfiles import StaticFiles

from service.body_limit import BodyLimitMiddleware
from service.problems import ServiceProblem, install_problem_handlers, problem_responses
from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry import current_ids
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio

MEMBERS = {"type", "title", "status", "detail", "instance", "operation_id"}


class Body(BaseModel):
    number: int


class UnexpectedError(Exception):
    pass


def build_app(recorded: Recorded) -> FastAPI:
    app = FastAPI(title="numbers")
    recorded.telemetry.capture_logs("numbers")
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=1_000)
    install_problem_handlers(app, current_ids)

    @app.post("/numbers", responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY))
    async def numbers(body: Body) -> Body:
        return body

    @app.post("/form")
    async def form(value: Annotated[str, Form()]) -> str:
        return value

    @app.get("/several/{number}")
    @app.patch("/several/{number}")
    async def one(number: int) -> int:
        return number

    @app.delete("/several/1")
    async def several() -> None:
        return None

    router = APIRouter()
    router.get("/included")(several)
    router.post("/included")(several)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent))

    @app.get("/declared")
    async def declared() -> None:
        headers = {"Retry-After": "7"}
        raise ServiceProblem(HTTPStatus.SERVICE_UNAVAILABLE, "half a pair: \ud83d", service="db", headers=headers)

    @app.get("/unexpected")
    async def unexpected() -> None:
        message = "an internal secret"
        raise UnexpectedError(message)

    trace_app(app, recorded.telemetry)
    return app


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("numbers")


@pytest.fixture
async def client(anyio_backend: str, recorded: Recorded) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 - for anyio
    async with running(build_app(recorded)) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/numbers", 405),
        ("POST", "/numbers", 422),
        ("GET", "/unexpected", 500),
        ("GET", "/declared", 503),
    ],
)
async def test_error_is_a_problem_document_with_the_operation_id(
    client: httpx.AsyncClient, recorded: Recorded, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem.keys() >= MEMBERS
    assert (response.status_code, problem["status"], problem["instance"]) == (status, status, path)
    assert problem["title"] == HTTPStatus(status).phrase
    assert problem["detail"] != problem["title"]
    assert problem["operation_id"] == recorded.spans.spans[0].context.trace_id


async def test_unexpected_exception_is_in_telemetry_and_not_in_the_response(
    client: httpx.AsyncClient, recorded: Recorded
) -> None:
    response = await client.get("/unexpected")
    assert "secret" not in response.text
    (exception,) = recorded.logs.items("ExceptionData")
    assert exception["exceptions"][0]["typeName"].endswith("UnexpectedError")
    assert recorded.spans.items("ExceptionData") == []
    assert [request["success"] for request in recorded.spans.items("RequestData")] == [False]


async def test_declared_problem_has_its_headers_and_service(client: httpx.AsyncClient) -> None:
    response = await client.get("/declared")
    assert response.headers["retry-after"] == "7"
    assert response.json()["service"] == "db"


async def test_lone_surrogate_is_escaped(client: httpx.AsyncClient) -> None:
    response = await client.get("/declared")
    assert response.content.isascii()
    assert json.loads(response.content)["detail"] == "half a pair: \ud83d"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/numbers", "POST"),
        ("/several/1", "DELETE, GET, PATCH"),
        ("/included", "GET, POST"),
        ("/static/a", "GET, HEAD"),
    ],
)
async def test_405_lists_the_methods_of_all_routes_of_the_path(
    client: httpx.AsyncClient, path: str, allowed: str
) -> None:
    response = await client.put(path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


async def test_invalid_fields_are_named_and_not_quoted(client: httpx.AsyncClient) -> None:
    response = await client.post("/numbers", json={"number": "my secret"})
    assert [error["field"] for error in response.json()["errors"]] == ["number"]
    assert "my secret" not in response.text


@pytest.mark.parametrize("content", [b"\xff", b"[" * 900, b'{"number": "\xff"}'])
async def test_body_that_cannot_be_decoded_is_422(client: httpx.AsyncClient, content: bytes) -> None:
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 422


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
async def test_json_is_accepted_in_every_unicode_encoding(client: httpx.AsyncClient, encoding: str) -> None:
    headers = {"content-type": "application/json"}
    accepted = await client.post("/numbers", content='{"number": 1}'.encode(encoding), headers=headers)
    rejected = await client.post("/numbers", content=b"\xff", headers=headers)
    assert accepted.status_code == 200
    assert rejected.json()["detail"].startswith("The body is not valid JSON in UTF-8, UTF-16 or UTF-32: ")


@pytest.mark.parametrize("path", ["/numbers", "/form"])
@pytest.mark.parametrize("with_content_length", [True, False])
async def test_body_over_the_limit_is_rejected_with_413(
    client: httpx.AsyncClient, path: str, *, with_content_length: bool
) -> None:
    async def in_chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    content = b"x" * 1_001 if with_content_length else in_chunks()
    kind = "application/json" if path == "/numbers" else "application/x-www-form-urlencoded"
    response = await client.post(path, content=content, headers={"content-type": kind})
    assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")


async def test_body_of_exactly_the_limit_is_accepted(client: httpx.AsyncClient) -> None:
    content = b'{"number": 1}'.ljust(1_000)
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 200


async def test_openapi_document_describes_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert set(document["paths"]["/numbers"]["post"]["responses"]["422"]["content"]) == {"application/problem+json"}
