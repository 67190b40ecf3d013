"""`POST /echo`, and the values that demonstrate faults."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from echo.demonstrations import FAIL_VALUE, SLOW_DELAY_S, SLOW_VALUE
from echo.main import create_app
from support.recorded_telemetry import Recorded
from support.running_app import running

pytestmark = pytest.mark.anyio


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("echo")


@pytest.fixture
async def client(anyio_backend: str, recorded: Recorded) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 - for anyio
    async with running(create_app(recorded.telemetry)) as client:
        yield client


@pytest.mark.parametrize("value", ["4", "😀" * 1000, "a\0b", "Slow", " fail"])
async def test_value_is_returned_unchanged(client: httpx.AsyncClient, value: str) -> None:
    response = await client.post("/echo", json={"value": value})
    assert (response.status_code, response.json()) == (200, {"value": value})


@pytest.mark.parametrize("value", ["", "x" * 1001, 4, None, ["4"]])
async def test_invalid_value_is_rejected(client: httpx.AsyncClient, value: object) -> None:
    response = await client.post("/echo", json={"value": value})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


async def test_slow_is_returned_after_its_delay(client: httpx.AsyncClient) -> None:
    started_s = time.monotonic()
    response = await client.post("/echo", json={"value": SLOW_VALUE})
    assert response.json() == {"value": SLOW_VALUE}
    assert time.monotonic() - started_s >= SLOW_DELAY_S


async def test_fail_is_a_500_with_an_exception_in_telemetry(client: httpx.AsyncClient, recorded: Recorded) -> None:
    response = await client.post("/echo", json={"value": FAIL_VALUE})
    assert response.status_code == 500
    (exception,) = recorded.logs.items("ExceptionData")
    assert exception["exceptions"][0]["typeName"].endswith("DeliberateFailureError")


async def test_log_has_the_length_and_not_the_value(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.post("/echo", json={"value": "my secret"})
    assert recorded.messages == ["echoed a value (length 9)"]


async def test_health_is_not_traced(client: httpx.AsyncClient, recorded: Recorded) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert recorded.spans.spans == []
