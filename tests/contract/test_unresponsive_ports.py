"""Unresponsive and slow endpoints: the application does not wait for them, and no item is lost."""

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi import FastAPI

from support.ingestion_server import ACCEPTED, KEY, FakeResponse, Ingestion, ingestion_server
from support.polling import eventually
from support.running_app import running
from support.unresponsive_ports import UNRESPONSIVE_PORTS, closed_port
from telemetry import Telemetry, TelemetrySettings
from telemetry._internal.export import transport
from telemetry.integrations.fastapi import trace_app

SPANS = 8000
BATCHES = SPANS / 400
RESPONSE_TIMEOUT_S = 0.3


def telemetry(port: int, storage_dir: Path) -> Telemetry:
    return Telemetry(
        TelemetrySettings(
            role="tested",
            connection_string=f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:{port}",
            storage_dir=storage_dir,
            export_interval_s=0.05,
            retry_interval_s=0.1,
            metrics_interval_s=0,
        )
    )


def stored_names(storage_dir: Path) -> list[str]:
    """Return the names of the items stored on disk; files are added, removed and renamed concurrently."""
    lines: list[str] = []
    for path in storage_dir.glob("*/*"):
        if path.suffix != ".tmp":
            with suppress(FileNotFoundError):
                lines += path.read_text().splitlines()
    return [json.loads(line)["data"]["baseData"]["name"] for line in lines]


@pytest.mark.anyio
@pytest.mark.parametrize("endpoint", UNRESPONSIVE_PORTS)
async def test_service_does_not_wait_for_the_endpoint_and_stores_its_spans(endpoint: str, tmp_path: Path) -> None:
    app = FastAPI()
    app.get("/values/{value}")(lambda value: value)
    with UNRESPONSIVE_PORTS[endpoint]() as port:
        traced = telemetry(port, tmp_path)
        trace_app(app, traced)

        began = time.monotonic()
        async with running(app) as client:
            assert (await client.get("/values/4")).status_code == 200
            assert time.monotonic() - began < 1.0
            await asyncio.sleep(0.1)  # the exporting thread is sending
            await asyncio.to_thread(traced.close, 0.2)

        assert time.monotonic() - began < 3.0
    assert stored_names(tmp_path) == ["GET /values/{value}"]


def test_unresponsive_endpoint_delays_neither_queue_nor_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_RESPONSE_TIMEOUT_S", RESPONSE_TIMEOUT_S)
    with closed_port() as port, telemetry(port, tmp_path) as traced, traced.span("stored before"):
        pass
    attempts: list[float] = []

    def hang(_envelopes: object) -> FakeResponse:
        attempts.append(time.monotonic())
        time.sleep(2 * RESPONSE_TIMEOUT_S)
        return 503, {}, b""

    with ingestion_server(port) as server:
        server.respond = hang
        with telemetry(port, tmp_path) as traced:
            for number in range(SPANS):
                with traced.span(str(number)):
                    pass
            eventually(lambda: len(stored_names(tmp_path)) == SPANS + 1)
            assert len(attempts) < BATCHES / 2
            server.respond = Ingestion.respond
            eventually(lambda: not stored_names(tmp_path))


def test_slow_endpoint_receives_large_batches_and_nothing_is_dropped(tmp_path: Path) -> None:
    def respond_slowly(_envelopes: object) -> FakeResponse:
        time.sleep(0.05)
        return ACCEPTED

    with ingestion_server() as server:
        server.respond = respond_slowly
        with telemetry(server.port, tmp_path) as traced:
            for number in range(SPANS):
                with traced.span(str(number)):
                    pass
        eventually(lambda: len(server.envelopes) == SPANS)
    assert len(server.posts) <= 1.5 * BATCHES
    assert server.names == [str(number) for number in range(SPANS)]
