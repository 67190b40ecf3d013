"""`/healthz`, `/readyz` and `/metrics`."""

import shutil
import threading
from datetime import datetime
from pathlib import Path

import anyio
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from local_insights.http.monitoring import STUCK_AFTER_S, StoreHealth
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.store import DuckDBStore
from local_insights.store.memory.store import MemoryStore
from support.captured_posts import envelopes

pytestmark = pytest.mark.anyio

GOOD, OTHER = envelopes("opencensus_fixed", "RequestData")[:2]


async def test_server_is_ready_until_its_store_is_closing(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    assert (await client.get("/readyz")).status_code == 200

    await anyio.to_thread.run_sync(store.close)

    response = await client.get("/readyz")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["detail"] == "the store is closing"


async def test_server_with_a_nearly_full_disk_is_healthy_but_not_ready(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2**20))

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["detail"].startswith("1 MiB are free in ")
    assert response.json()["detail"].endswith("at least 128 MiB are needed")
    assert (await client.get("/healthz")).status_code == 200


async def test_metrics_count_ingested_and_rejected_items(client: httpx.AsyncClient) -> None:
    await client.post("/v2.1/track", json=[GOOD, OTHER, {"name": "no telemetry"}])

    response = await client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain")
    found = {family.name: family.samples[0].value for family in text_string_to_metric_families(response.text)}
    assert found["insights_items_ingested"] == 2
    assert found["insights_items_rejected"] == 1
    assert found["insights_stored_items"] == 2
    newest = max(datetime.fromisoformat(envelope["time"]) for envelope in (GOOD, OTHER))
    assert found["insights_newest_item_timestamp_seconds"] == newest.timestamp()
    assert found["process_resident_memory_bytes"] > 0


async def test_items_that_are_sent_again_are_accepted_and_counted(client: httpx.AsyncClient) -> None:
    await client.post("/v2.1/track", json=[GOOD])

    again = await client.post("/v2.1/track", json=[GOOD, GOOD])

    assert (again.status_code, again.json()["itemsAccepted"]) == (200, 2)
    assert (await client.get("/healthz")).json() == {"status": "ok", "items": 1, "duplicates": 2}
    assert "insights_items_duplicate_total 2.0" in (await client.get("/metrics")).text


async def test_metrics_of_an_empty_store_have_no_timestamps(client: httpx.AsyncClient) -> None:
    assert "timestamp_seconds" not in (await client.get("/metrics")).text


async def test_metrics_are_in_openmetrics_format_on_request(client: httpx.AsyncClient) -> None:
    response = await client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


async def test_health_checks_do_not_wait_for_queries(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok", "items": 0, "duplicates": 0}
    proceed = threading.Event()
    try:
        for name in ("stats", "roles", "call_rows"):
            monkeypatch.setattr(store, name, lambda *_: proceed.wait(60))
        async with anyio.create_task_group() as users:
            for _ in range(60):
                users.start_soon(client.get, "/map.json")
            for _ in range(2):
                for path in ("/healthz", "/readyz"):
                    response = await client.get(path)
                    assert (response.status_code, response.json()["status"]) == (200, "ok")
            assert not proceed.is_set()
            users.cancel_scope.cancel()
            proceed.set()
    finally:
        proceed.set()


async def test_store_that_finishes_no_query_is_unhealthy() -> None:
    proceed = threading.Event()
    now_s = 0.0

    class Stuck(MemoryStore):
        is_stuck = False

        def stats(self) -> StoreStats:
            if self.is_stuck:
                proceed.wait(60)
            return super().stats()

    store = Stuck()
    health = StoreHealth(store, lambda: now_s)
    store.is_stuck = True
    try:
        assert await health.stats() == StoreStats(0, None, None)
        now_s = STUCK_AFTER_S + 1
        with pytest.raises(StoreUnavailableError, match="not finished a query for 61 s"):
            await health.stats()
    finally:
        proceed.set()


async def test_error_of_the_query_is_raised_until_a_query_succeeds() -> None:
    class Failing(MemoryStore):
        error: StoreUnavailableError | None = StoreUnavailableError("closed")

        def stats(self) -> StoreStats:
            if self.error is not None:
                raise self.error
            return super().stats()

    store = Failing()
    health = StoreHealth(store)
    with pytest.raises(StoreUnavailableError):
        await health.stats()
    store.error = None
    assert await health.stats() == StoreStats(0, None, None)
