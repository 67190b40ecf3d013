"""Services in separate processes: no telemetry is lost with workers, reload, forks and signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from support.ingestion_server import Ingestion, free_port, ingestion_server
from support.polling import eventually

SERVICE = dedent(
    """
    import os
    from fastapi import FastAPI
    from telemetry import Telemetry, TelemetrySettings
    from telemetry.integrations.fastapi import trace_app

    app = FastAPI()
    app.get("/values/{value}")(lambda value: os.getpid())
    trace_app(app, Telemetry(TelemetrySettings(role="served", export_interval_s=60, metrics_interval_s=60)))
    """
)
TIMEOUT_S = 30  # importing FastAPI takes seconds on two busy cores


@pytest.fixture
def server() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


def environment(server: Ingestion, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "APPLICATIONINSIGHTS_CONNECTION_STRING": server.connection_string,
        "TELEMETRY_STORAGE_DIR": str(tmp_path / "storage"),
        "PYTHONWARNINGS": "ignore",  # of opencensus-ext-azure, about the locale, and of forks with threads
    }


@contextmanager
def served(
    server: Ingestion, tmp_path: Path, *options: str, end: signal.Signals = signal.SIGTERM
) -> Iterator[httpx.Client]:
    """Run the service under uvicorn; send it a signal at the end of the block."""
    (tmp_path / "service.py").write_text(SERVICE)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "service:app", "--port", str(port), "--log-level", "error", *options]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(server, tmp_path)) as service:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                eventually(lambda: responses(client), TIMEOUT_S)
                yield client
        finally:
            service.send_signal(end)
            service.wait(TIMEOUT_S)


def responses(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz", timeout=1).status_code == 404
    except httpx.TransportError:
        return False


def requests_of(server: Ingestion) -> int:
    return server.names.count("GET /values/{value}")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_service_sends_its_last_spans_after_a_signal(server: Ingestion, tmp_path: Path, end: signal.Signals) -> None:
    with served(server, tmp_path, end=end) as client:
        for number in range(60):
            client.get(f"/values/{number}")
    assert requests_of(server) == 60


def test_workers_send_their_last_spans_after_a_signal(server: Ingestion, tmp_path: Path) -> None:
    with served(server, tmp_path, "--workers", "2") as client:
        seen: set[int] = set()
        sent = 0
        while len(seen) < 2 or sent < 60:
            seen.add(httpx.get(f"{client.base_url}/values/{sent}").json())
            sent += 1
    assert requests_of(server) == sent
    instances = {
        envelope["tags"]["ai.cloud.roleInstance"]
        for envelope in server.envelopes
        if envelope["data"]["baseType"] == "RequestData"
    }
    assert {int(instance.rpartition("-")[2]) for instance in instances} == seen


def test_service_sends_its_last_spans_at_every_reload(server: Ingestion, tmp_path: Path) -> None:
    with served(server, tmp_path, "--reload") as client:
        first = client.get("/values/0").json()
        for number in range(29):
            client.get(f"/values/{number}")
        (tmp_path / "service.py").write_text(SERVICE + "# changed\n")

        def is_reloaded() -> bool:
            try:
                response = httpx.get(f"{client.base_url}/healthz", timeout=1)
            except httpx.TransportError:
                return False
            return response.status_code == 404 and requests_of(server) == 30

        eventually(is_reloaded, TIMEOUT_S)
        eventually(lambda: responses(client), TIMEOUT_S)
        assert client.get("/values/0").json() != first
        for number in range(29):
            client.get(f"/values/{number}")
    assert requests_of(server) == 60


FORKING = """
    import os
    from telemetry import Telemetry, TelemetrySettings

    telemetry = Telemetry(TelemetrySettings(role="forking", export_interval_s=60))
    telemetry.start()
    orders = telemetry.metric("orders")
    with telemetry.span("queued before"):
        orders.record(1)
    child = os.fork()
    with telemetry.span("child" if child == 0 else "parent"):
        orders.record(10)
    telemetry.close()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
"""
MULTIPROCESSING = """
    import multiprocessing
    from telemetry import Telemetry, TelemetrySettings

    def work():
        with telemetry.span("child"):
            pass

    with Telemetry(TelemetrySettings(role="forking", export_interval_s=60)) as telemetry:
        with telemetry.span("queued before"):
            pass
        child = multiprocessing.get_context("fork").Process(target=work)
        child.start()
        child.join()
        with telemetry.span("parent"):
            pass
"""


def run(program: str, server: Ingestion, tmp_path: Path) -> dict[str, int]:
    """Run a program; return the process id of the role instance that sent each span."""
    subprocess.run(
        [sys.executable, "-c", dedent(program)], env=environment(server, tmp_path), timeout=TIMEOUT_S, check=True
    )
    spans = [envelope for envelope in server.envelopes if envelope["data"]["baseType"] == "RemoteDependencyData"]
    assert len(spans) == len(server.names)
    return {
        name: int(span["tags"]["ai.cloud.roleInstance"].rpartition("-")[2])
        for name, span in zip(server.names, spans, strict=True)
    }


@pytest.mark.parametrize("program", [FORKING, MULTIPROCESSING], ids=["os.fork", "multiprocessing"])
def test_forked_child_sends_its_own_spans_only(server: Ingestion, tmp_path: Path, program: str) -> None:
    sent = run(program, server, tmp_path)
    assert sorted(server.names) == ["child", "parent", "queued before"]
    assert sent["parent"] == sent["queued before"] != sent["child"]


def test_forked_child_does_not_report_the_metrics_of_its_parent(server: Ingestion, tmp_path: Path) -> None:
    run(FORKING, server, tmp_path)
    assert sorted(metric["value"] for metric in server.metrics if metric["name"] == "orders") == [10, 11]


def test_metrics_under_uvicorn_count_every_request_once(server: Ingestion, tmp_path: Path) -> None:
    with served(server, tmp_path) as client:
        for number in range(60):
            client.get(f"/values/{number}")
    served_200 = [
        metric
        for metric in server.metrics
        if metric["name"] == "Server response time" and metric["properties"]["request/resultCode"] == "200"
    ]
    assert [metric["count"] for metric in served_200] == [60]
