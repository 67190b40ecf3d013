"""The examples run as separate processes, and their telemetry is shown by a real Local Insights."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from running.settings import PROJECT_DIR
from support.ingestion_server import free_port
from support.insights_process import running_insights
from support.polling import eventually

EXAMPLE = PROJECT_DIR / "examples" / "one_service.py"
START_TIMEOUT_S = 30  # importing FastAPI takes seconds on two busy cores


@contextmanager
def example_served(connection_string: str, tmp_path: Path) -> Iterator[httpx.Client]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--app-dir",
        str(EXAMPLE.parent),
        f"{EXAMPLE.stem}:app",
        "--port",
        str(port),
    ]
    environment = {
        **os.environ,
        "APPLICATIONINSIGHTS_CONNECTION_STRING": connection_string,
        "TELEMETRY_STORAGE_DIR": str(tmp_path / "undelivered"),
        "PYTHONWARNINGS": "ignore",  # of opencensus-ext-azure, about the locale
    }
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                eventually(lambda: is_served(client), START_TIMEOUT_S)
                yield client
        finally:
            process.terminate()


def is_served(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz", timeout=1).status_code == httpx.codes.NOT_FOUND
    except httpx.TransportError:
        return False


def test_request_and_log_of_the_example_are_one_transaction(tmp_path: Path) -> None:
    operation_id = "0af7651916cd43dd8448eb211c80319c"
    caller = {"traceparent": f"00-{operation_id}-b7ad6b7169203331-01"}
    with (
        running_insights(tmp_path / "data") as insights,
        example_served(insights.connection_string, tmp_path) as client,
        httpx.Client(base_url=insights.url, trust_env=False) as portal,
    ):
        assert client.get("/hello/Ada", headers=caller).json() == "Hello, Ada!"

        def arrived() -> list[dict[str, Any]]:
            response = portal.get(f"/transaction/{operation_id}.json")
            assert response.is_success
            items: list[dict[str, Any]] = response.json()["items"]
            assert len(items) == 2
            return items

        items = eventually(arrived)
        assert {(item["role"], item["item_type"]) for item in items} == {
            ("one-service", "request"),
            ("one-service", "trace"),
        }
        nodes = portal.get("/map.json").json()["nodes"]
        assert "one-service" in {node["name"] for node in nodes}


def test_example_has_at_most_15_lines_of_code() -> None:
    code = [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(code) <= 15
