"""Every error of a service is a problem document."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Form
from pydantic import BaseModel

from service.body_limit import BodyLimitMiddleware
from service.problems import ServiceProblem, install_problem_handlers, problem_responses
from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio

MEMBERS = {"type", "title", "status", "detail", "instance", "operation_id"}


class Body(BaseModel):
    number: int


class UnforeseenError(Exception):
    pass


def build_app(recorded: Recorded) -> FastAPI:
    app = FastAPI()
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=1_000)
    install_problem_handlers(app)

    @app.post("/numbers", responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY))
    async def numbers(body: Body) -> Body:
        return body

    @app.post("/form")
    async def form(value: Annotated[str, Form()]) -> str:
        return value

    @app.get("/declared")
    async def declared() -> None:
        headers = {"Retry-After": "7"}
        raise ServiceProblem(HTTPStatus.SERVICE_UNAVAILABLE, "half a pair: \ud83d", service="db", headers=headers)

    @app.get("/unforeseen")
    async def unforeseen() -> None:
        message = "a secret of the inside"
        raise UnforeseenError(message)

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
        ("GET", "/unforeseen", 500),
        ("GET", "/declared", 503),
    ],
)
async def test_error_is_a_problem_document_with_the_operation_it_happened_in(
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


async def test_unforeseen_exception_reaches_telemetry_and_not_the_client(
    client: httpx.AsyncClient, recorded: Recorded
) -> None:
    response = await client.get("/unforeseen")
    assert "secret" not in response.text
    (exception,) = recorded.spans.items("ExceptionData")
    assert exception["exceptions"][0]["typeName"].endswith("UnforeseenError")


async def test_declared_problem_keeps_its_headers_and_names_the_service(client: httpx.AsyncClient) -> None:
    response = await client.get("/declared")
    assert response.headers["retry-after"] == "7"
    assert response.json()["service"] == "db"


async def test_what_utf8_cannot_carry_is_escaped(client: httpx.AsyncClient) -> None:
    response = await client.get("/declared")
    assert response.content.isascii()
    assert json.loads(response.content)["detail"] == "half a pair: \ud83d"


async def test_method_that_is_not_allowed_comes_with_those_that_are(client: httpx.AsyncClient) -> None:
    response = await client.delete("/numbers")
    assert response.headers["allow"] == "POST"


async def test_every_invalid_field_is_named_and_never_quoted(client: httpx.AsyncClient) -> None:
    response = await client.post("/numbers", json={"number": "my secret"})
    assert [error["field"] for error in response.json()["errors"]] == ["number"]
    assert "my secret" not in response.text


@pytest.mark.parametrize("content", [b"\xff", b"[" * 900, b'{"number": "\xff"}'])
async def test_body_that_json_cannot_begin_with_is_as_invalid_as_any_other(
    client: httpx.AsyncClient, content: bytes
) -> None:
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 422


@pytest.mark.parametrize("path", ["/numbers", "/form"])
@pytest.mark.parametrize("declares_its_length", [True, False])
async def test_body_beyond_the_limit_is_413(client: httpx.AsyncClient, path: str, *, declares_its_length: bool) -> None:
    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    content = b"x" * 1_001 if declares_its_length else in_parts()
    kind = "application/json" if path == "/numbers" else "application/x-www-form-urlencoded"
    response = await client.post(path, content=content, headers={"content-type": kind})
    assert (response.status_code, response.headers["content-type"]) == (413, "application/problem+json")


async def test_body_of_the_limit_is_read(client: httpx.AsyncClient) -> None:
    content = b'{"number": 1}'.ljust(1_000)
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 200


async def test_openapi_document_tells_of_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert set(document["paths"]["/numbers"]["post"]["responses"]["422"]["content"]) == {"application/problem+json"}
