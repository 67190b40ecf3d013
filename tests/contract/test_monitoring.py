"""`/readyz` and `/metrics`: what supervisors and Prometheus are told."""

import shutil
from datetime import datetime
from pathlib import Path

import anyio
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from local_insights.store.duckdb.store import DuckDBStore
from support.captured_posts import envelopes

pytestmark = pytest.mark.anyio

GOOD = envelopes("opencensus_fixed", "RequestData")[0]


async def test_ready_is_who_would_take_telemetry(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    assert (await client.get("/readyz")).status_code == 200

    await anyio.to_thread.run_sync(store.close)

    response = await client.get("/readyz")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["detail"] == "the store is closing"


async def test_nearly_full_disk_is_not_ready_and_says_how_much_room_it_takes(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2**20))

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["detail"].startswith("1 MiB are free in ")
    assert response.json()["detail"].endswith("make room for 128 MiB at least")
    assert (await client.get("/healthz")).status_code == 200


async def test_metrics_count_what_was_taken_and_what_was_not(client: httpx.AsyncClient) -> None:
    await client.post("/v2.1/track", json=[GOOD, GOOD, {"name": "no telemetry"}])

    response = await client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain")
    found = {family.name: family.samples[0].value for family in text_string_to_metric_families(response.text)}
    assert found["insights_items_ingested"] == 2
    assert found["insights_items_rejected"] == 1
    assert found["insights_stored_items"] == 2
    assert found["insights_newest_item_timestamp_seconds"] == datetime.fromisoformat(GOOD["time"]).timestamp()
    assert found["process_resident_memory_bytes"] > 0


async def test_metrics_of_an_empty_store_name_no_times(client: httpx.AsyncClient) -> None:
    assert "timestamp_seconds" not in (await client.get("/metrics")).text


async def test_openmetrics_is_given_to_who_asks_for_it(client: httpx.AsyncClient) -> None:
    response = await client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
