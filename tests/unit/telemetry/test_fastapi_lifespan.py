"""FastAPI: start and end of telemetry, and applications that are traced repeatedly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from support.recorded_telemetry import Recorded
from support.running_app import running
from support.traced_app import build_traced_app
from telemetry import Telemetry, TelemetrySettings
from telemetry.integrations.fastapi import trace_app
from telemetry.testing import EnvelopeRecorder, RecordedTelemetry, SpanRecorder

pytestmark = pytest.mark.anyio
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def app(recorded: Recorded) -> FastAPI:
    return build_traced_app(recorded)


async def test_telemetry_starts_and_closes_with_the_app() -> None:
    recorder, seen = SpanRecorder(), []
    telemetry = Telemetry(TelemetrySettings(role="r"), span_exporter=recorder, log_exporter=EnvelopeRecorder())

    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with telemetry.span("start-up"):
            yield
        seen.append("shutdown")

    app = FastAPI(lifespan=asynccontextmanager(lifespan))
    trace_app(app, telemetry)
    async with running(app):
        pass
    with telemetry.span("after"):
        pass
    assert recorder.names == ["start-up"]


async def test_telemetry_is_closed_before_shutdown_complete_is_sent() -> None:
    order: list[str] = []

    class RecordingTelemetry(Telemetry):
        def close(self, timeout_s: float = 5.0) -> None:
            order.append("closed")
            super().close(timeout_s)

    app = FastAPI()
    telemetry = RecordingTelemetry(
        TelemetrySettings(role="r"), span_exporter=SpanRecorder(), log_exporter=EnvelopeRecorder()
    )
    trace_app(app, telemetry)
    incoming = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, str]:
        return {"type": next(incoming)}

    async def send(message: dict[str, str]) -> None:
        order.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)  # type: ignore[arg-type]
    assert order == ["lifespan.startup.complete", "closed", "lifespan.shutdown.complete"]


async def test_app_that_is_traced_twice_has_one_request_with_the_last_telemetry(recorded: Recorded) -> None:
    app, first = FastAPI(), Recorded("first")

    @app.get("/a")
    async def a() -> None:
        return None

    with first.telemetry:
        trace_app(app, first.telemetry)
        trace_app(app, recorded.telemetry)
        async with running(app) as client:
            await client.get("/a")
    assert recorded.spans.tree() == ["GET /a"]
    assert first.spans.tree() == []


@pytest.mark.parametrize("excluded", [False, True])
async def test_mounted_app_that_is_traced_as_well_has_one_request(recorded: Recorded, *, excluded: bool) -> None:
    app, inner = FastAPI(), FastAPI()

    @inner.get("/b")
    async def b() -> None:
        return None

    app.mount("/inner", inner)
    trace_app(app, recorded.telemetry, excluded_paths=["/inner/b"] if excluded else [])
    trace_app(inner, recorded.telemetry)
    async with running(app) as client:
        await client.get("/inner/b")
        await client.get("/inner/b")
    assert recorded.spans.tree() == ([] if excluded else ["GET /inner/b"] * 2)


@pytest.mark.parametrize("mounted", [False, True])
async def test_telemetry_starts_with_the_first_request_without_lifespan(*, mounted: bool) -> None:
    recorded = RecordedTelemetry("tested")
    app, outer = FastAPI(), FastAPI()

    @app.get("/hello")
    async def hello() -> None:
        return None

    trace_app(app, recorded.telemetry)
    outer.mount("/outer", app)
    served, prefix = (outer, "/outer") if mounted else (app, "")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://t") as client:
        await client.get(f"{prefix}/hello")
        await client.get(f"{prefix}/hello")
    recorded.telemetry.close()
    assert [request["success"] for request in recorded.spans.items("RequestData")] == [True, True]


async def test_closed_telemetry_is_not_started_again_by_a_request(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        pass
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        await client.get("/api/items/0")
    assert recorded.spans.spans == []
