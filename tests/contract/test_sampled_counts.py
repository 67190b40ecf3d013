"""Counts of a mesh with sampling: the real middleware, ingestion, store and model, in one process."""

import json
import logging
import math
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response

from local_insights.app import create_app
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore
from support.running_app import running
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.httpx import TracedAsyncTransport
from telemetry.testing import RecordedTelemetry

pytestmark = pytest.mark.anyio

INPUTS, FAILING = 1000, 300
SIGMAS = 4
logger = logging.getLogger("tested.sampled")
logger.setLevel(logging.INFO)


class SeededIdGenerator:
    """Pseudorandom ids, the same in every run: the id of a trace decides whether it is sampled."""

    def __init__(self) -> None:
        self._random = random.Random(2026)  # noqa: S311, nothing secret

    def generate_trace_id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def generate_span_id(self) -> str:
        return f"{self._random.getrandbits(64):016x}"


@asynccontextmanager
async def mesh(frontend: RecordedTelemetry, echo: RecordedTelemetry) -> AsyncIterator[httpx.AsyncClient]:
    """Run a frontend that calls echo. Echo fails on request; both write a log message."""
    echo_app, frontend_app = FastAPI(), FastAPI()

    @echo_app.post("/echo")
    async def serve(response: Response, *, fail: bool = False) -> None:
        logger.info("echoed")
        response.status_code = 500 if fail else 200

    @frontend_app.post("/values")
    async def enter(response: Response, *, fail: bool = False) -> None:
        echoed = await calling.post("http://echo:8001/echo", params={"fail": fail})
        response.status_code = echoed.status_code

    trace_app(echo_app, echo.telemetry)
    trace_app(frontend_app, frontend.telemetry)
    echo.telemetry.capture_logs("tested.sampled")
    transport = TracedAsyncTransport(frontend.telemetry, httpx.ASGITransport(echo_app))
    async with (
        httpx.AsyncClient(transport=transport) as calling,
        running(echo_app),
        running(frontend_app) as client,
    ):
        yield client


async def map_of(envelopes: list[dict[str, Any]], store: DuckDBStore) -> dict[str, Any]:
    """Send the envelopes to a server and return its Application Map."""
    app = create_app(Settings(), store)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        for start in range(0, len(envelopes), 400):
            body = json.dumps(envelopes[start : start + 400])
            assert (await client.post("/v2.1/track", content=body)).status_code == 200
        document: dict[str, Any] = (await client.get("/map.json?since=1h")).json()
        return document


@pytest.mark.parametrize("rate", [1.0, 0.5, 0.05])
async def test_map_counts_all_calls_under_sampling(rate: float, tmp_path: Path) -> None:
    ids = SeededIdGenerator()
    frontend = RecordedTelemetry("frontend", id_generator=ids, clock=time, sampling_rate=rate)
    echo = RecordedTelemetry("echo", id_generator=ids, clock=frontend.clock, sampling_rate=rate)
    async with mesh(frontend, echo) as client:
        for number in range(INPUTS):
            await client.post("/values", params={"fail": number < FAILING})
    sent = [*frontend.envelopes(), *echo.envelopes()]
    store = DuckDBStore(tmp_path)
    try:
        app_map = await map_of(sent, store)
    finally:
        store.close()

    def bound(count: int) -> float:
        return SIGMAS * math.sqrt(count * (1 - rate) / rate)

    nodes = {node["name"]: node for node in app_map["nodes"]}
    (edge,) = (edge for edge in app_map["edges"] if edge["target"] == "role:echo")
    for part in (nodes["frontend"], nodes["echo"], edge):
        assert abs(part["calls"] - INPUTS) <= bound(INPUTS)
        assert abs(part["failed"] - FAILING) <= bound(FAILING)
    assert nodes["frontend"]["calls"] == nodes["echo"]["calls"] == edge["calls"]  # sampled together
    logs = [envelope for envelope in sent if envelope["data"]["baseType"] == "MessageData"]
    assert sum(100 / log["sampleRate"] for log in logs) == pytest.approx(nodes["echo"]["calls"])  # including its logs
    requests = [envelope for envelope in sent if envelope["data"]["baseType"] == "RequestData"]
    assert abs(len(requests) - 2 * INPUTS * rate) <= 2 * bound(INPUTS) * rate
    assert {envelope["sampleRate"] for envelope in requests} == {rate * 100}
    assert set(nodes) - {"frontend", "echo"} <= {"client", "Client"}


@pytest.mark.parametrize("rate", [1.0, 0.05])
async def test_metrics_count_every_request_at_any_sampling_rate(rate: float) -> None:
    frontend = RecordedTelemetry("frontend", sampling_rate=rate)
    echo = RecordedTelemetry("echo", id_generator=frontend.id_generator, sampling_rate=rate)
    async with mesh(frontend, echo) as client:
        for number in range(100):
            await client.post("/values", params={"fail": number < 30})
    for metric, role in (
        ("Server response time", frontend),
        ("Dependency duration", frontend),
        ("Server response time", echo),
    ):
        counts = sorted(point["count"] for point in role.measurements(metric))
        assert counts == [30, 70]
