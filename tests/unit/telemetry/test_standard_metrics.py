import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry._internal.metrics.report import MetricReport
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.httpx import TracedTransport
from telemetry.testing import RecordedTelemetry

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
UNSAMPLED = {"traceparent": f"00-{TRACE}-{SPAN}-00"}

logger = logging.getLogger("tested.metrics")


@pytest.fixture
def app(recorded: Recorded) -> FastAPI:
    app = FastAPI()

    @app.get("/healthz")
    async def health() -> None:
        call(recorded, 200)

    @app.get("/items/{item}")
    async def item(item: int) -> int:
        await asyncio.sleep(0.01)
        return item

    @app.get("/conflict")
    async def conflict() -> None:
        raise HTTPException(409)

    @app.get("/broken")
    async def broken() -> None:
        message = "failed"
        raise RuntimeError(message)

    trace_app(app, recorded.telemetry)
    return app


def call(recorded: RecordedTelemetry, status: int, url: str = "http://h:81/items/4") -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status))
    with httpx.Client(transport=TracedTransport(recorded.telemetry, transport)) as client:
        client.get(url)


def by_outcome(recorded: RecordedTelemetry, metric: str, *dimensions: str) -> dict[Any, int]:
    return {
        tuple(point["properties"][name] for name in dimensions): point["count"]
        for point in recorded.measurements(metric)
    }


@pytest.mark.anyio
async def test_requests_are_counted_by_their_outcome(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        for path in ("/items/1", "/items/2", "/conflict", "/nowhere", "/broken"):
            await client.get(path)
    counts = by_outcome(recorded, "Server response time", "request/resultCode", "Request.Success")
    assert counts == {("200", "True"): 2, ("409", "False"): 1, ("404", "False"): 1, ("500", "False"): 1}
    served = recorded.measurements("Server response time")[0]
    assert served["properties"]["_MS.MetricId"] == "requests/duration"
    assert 10 <= served["min"] <= served["max"] <= served["value"] < 5000  # milliseconds


@pytest.mark.anyio
async def test_unsampled_requests_are_counted(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/items/1", headers=UNSAMPLED)
        await client.get("/broken", headers=UNSAMPLED)
    assert recorded.spans.spans == []
    assert by_outcome(recorded, "Server response time", "request/resultCode") == {("200",): 1, ("500",): 1}
    assert recorded.measurements("Exceptions")[0]["value"] == 1


@pytest.mark.anyio
async def test_excluded_requests_are_not_counted(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/healthz")
    assert recorded.measurements("Server response time") == recorded.measurements("Dependency duration") == []


def test_calls_are_counted_by_target_and_outcome(recorded: Recorded) -> None:
    with recorded:
        call(recorded, 200)
        call(recorded, 200, "http://user:pw@h:81/items/5?token=secret")
        call(recorded, 503, "http://other/items/4")
        with recorded.telemetry.span("work inside"):
            pass
    names = ("Dependency.Type", "dependency/target", "dependency/resultCode", "Dependency.Success")
    assert by_outcome(recorded, "Dependency duration", *names) == {
        ("HTTP", "h:81", "200", "True"): 2,
        ("HTTP", "other", "503", "False"): 1,
    }


def test_logged_exceptions_are_counted(recorded: Recorded) -> None:
    recorded.telemetry.capture_logs("tested.metrics")
    with recorded:
        for _ in range(3):
            try:
                int("four")
            except ValueError:
                logger.exception("not a number")
        logger.error("without exception")
    (point,) = recorded.measurements("Exceptions")
    assert (point["value"], point["properties"]["_MS.MetricId"]) == (3, "exceptions/count")


def test_report_contains_only_measurements_since_the_last_one() -> None:
    with RecordedTelemetry("tested") as recorded:
        report = reports(recorded)
        call(recorded, 200)
        assert durations(next(report)) == [1]
        assert durations(next(report)) == []
        call(recorded, 200)
        call(recorded, 200)
        assert durations(next(report)) == [2]
    assert recorded.measurements("Dependency duration") == []


def reports(recorded: RecordedTelemetry) -> Iterator[list[dict[str, Any]]]:
    telemetry = recorded.telemetry
    report = MetricReport(telemetry._aggregates, telemetry.resource, recorded.clock)
    while True:
        yield [envelope["data"]["baseData"]["metrics"][0] for envelope in report.envelopes()]


def durations(points: list[dict[str, Any]]) -> list[int]:
    return [point["count"] for point in points if point["name"] == "Dependency duration"]


@pytest.mark.anyio
async def test_items_are_marked_as_pre_aggregated(app: FastAPI, recorded: Recorded) -> None:
    recorded.telemetry.capture_logs("tested.metrics")
    async with running(app) as client:
        await client.get("/broken")
        with recorded.telemetry.span("work"):
            call(recorded, 200)
        logger.error("failed", exc_info=ValueError("x"))
    marks = [
        (e["data"]["baseType"], e["data"]["baseData"]["properties"].get("_MS.ProcessedByMetricExtractors"))
        for e in recorded.envelopes()
        if e["data"]["baseType"] != "MetricData"
    ]
    assert marks == [
        ("ExceptionData", "(Name:'Exceptions', Ver:'1.1')"),
        ("RequestData", "(Name:'Requests', Ver:'1.1')"),
        ("RemoteDependencyData", "(Name:'Dependencies', Ver:'1.1')"),
        ("RemoteDependencyData", None),  # work inside the process is not a call
        ("ExceptionData", "(Name:'Exceptions', Ver:'1.1')"),
    ]


def test_disabled_metrics_send_and_mark_nothing() -> None:
    with RecordedTelemetry("tested", metrics_interval_s=0, sampling_rate=0.0) as recorded:
        call(recorded, 200)
        recorded.telemetry.metric("own").record(1)
        recorded.telemetry.capture_logs("tested.metrics")
        logger.error("failed", exc_info=ValueError("x"))
    assert recorded.metrics.envelopes == []
    assert recorded.logs.items("ExceptionData")[0]["properties"].get("_MS.ProcessedByMetricExtractors") is None


def test_metrics_are_never_sampled() -> None:
    with RecordedTelemetry("tested", sampling_rate=0.05) as recorded:
        recorded.telemetry.metric("own").record(1)
    (envelope,) = recorded.metrics.envelopes
    assert envelope["sampleRate"] == 100
    assert "ai.operation.id" not in envelope["tags"]
