"""Endpoints that never answer: nothing of the application waits for them, and nothing is lost to them."""

import asyncio
import json
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from fastapi import FastAPI
from ingestion_server import KEY, Answer, Ingestion, eventually, ingestion_server
from running_app import running

from telemetry import Telemetry, TelemetrySettings, transport
from telemetry.fastapi import trace_app

SPANS = 8000
BATCHES = SPANS / 400
ANSWER_TIMEOUT_S = 0.3


@pytest.fixture
def closed_port() -> int:
    """A port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections, and whatever is sent, and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        yield listener.getsockname()[1]


@pytest.fixture
def dropping_port() -> Iterator[int]:
    """A port that does not even answer an attempt to connect, like a firewall that drops packets."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = held.enter_context(selectors.DefaultSelector())
        while True:  # until the kernel holds as many connections as it will hold for someone who takes none
            client = held.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.register(client, selectors.EVENT_WRITE)
            if not waiting.select(timeout=0.1):
                break
            waiting.unregister(client)
        yield listener.getsockname()[1]


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


def kept(storage_dir: Path) -> list[str]:
    """Names of the items that wait on disk; files come, go and change their names meanwhile."""
    lines: list[str] = []
    for path in storage_dir.glob("*/*"):
        if path.suffix != ".tmp":
            with suppress(FileNotFoundError):
                lines += path.read_text().splitlines()
    return [json.loads(line)["data"]["baseData"]["name"] for line in lines]


@pytest.mark.anyio
@pytest.mark.parametrize("port_fixture", ["closed_port", "silent_port", "dropping_port"])
async def test_service_starts_answers_and_ends_at_once_and_keeps_its_spans(
    request: pytest.FixtureRequest, port_fixture: str, tmp_path: Path
) -> None:
    port: int = request.getfixturevalue(port_fixture)
    app = FastAPI()
    app.get("/values/{value}")(lambda value: value)
    traced = telemetry(port, tmp_path)
    trace_app(app, traced)

    began = time.monotonic()
    async with running(app) as client:
        assert (await client.get("/values/4")).status_code == 200
        assert time.monotonic() - began < 1.0
        await asyncio.sleep(0.1)  # the exporting thread is in the middle of it
        await asyncio.to_thread(traced.close, 0.2)

    assert time.monotonic() - began < 3.0
    assert kept(tmp_path) == ["GET /values/{value}"]


def test_endpoint_that_hangs_keeps_neither_queue_nor_disk_waiting(
    tmp_path: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_ANSWER_TIMEOUT_S", ANSWER_TIMEOUT_S)
    with telemetry(closed_port, tmp_path) as traced, traced.span("of another life"):
        pass
    attempts: list[float] = []

    def hang(_envelopes: object) -> Answer:
        attempts.append(time.monotonic())
        time.sleep(2 * ANSWER_TIMEOUT_S)
        return 503, {}, b""

    with ingestion_server(closed_port) as server:
        server.answer = hang
        with telemetry(closed_port, tmp_path) as traced:
            for number in range(SPANS):
                with traced.span(str(number)):
                    pass
            eventually(lambda: len(kept(tmp_path)) == SPANS + 1)
            assert len(attempts) < BATCHES / 2
            server.answer = Ingestion.answer
            eventually(lambda: not kept(tmp_path))
