"""Other behavior of the ingestion endpoints: CORS, application ids, validation, large bodies, backpressure."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable

import anyio
import httpx
import pytest
from backports import zstd

from local_insights.settings import Settings
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.store import DuckDBStore
from support.captured_posts import envelopes

pytestmark = pytest.mark.anyio

GOOD = envelopes("opencensus_fixed", "RequestData")[0]
PAGE = {"origin": "https://shop.example"}
MEGABYTE = 1024 * 1024


async def in_parts(body: bytes) -> AsyncIterator[bytes]:
    """Yield the body in parts, as a server receives it."""
    for begin in range(0, len(body), 65_536):
        yield body[begin : begin + 65_536]


@pytest.fixture
def settings() -> Settings:
    return Settings(max_inflight_mb=16)


@pytest.mark.parametrize("path", ["/v2/track", "/v2.1/track", "//v2.1/track"])
async def test_preflight_of_a_web_page_allows_the_requested_headers(client: httpx.AsyncClient, path: str) -> None:
    requested = "content-type,content-encoding,sdk-context,traceparent,request-id,x-ms-anything"
    headers = {
        **PAGE,
        "access-control-request-method": "POST",
        "access-control-request-headers": requested,
        "access-control-request-private-network": "true",
    }
    response = await client.options(f"http://insights{path}", headers=headers)
    assert response.status_code == 200
    allowed = {name: value for name, value in response.headers.items() if name.startswith("access-control-")}
    assert allowed == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": requested,
        "access-control-allow-private-network": "true",
        "access-control-max-age": "86400",
    }


@pytest.mark.parametrize("body", [json.dumps([GOOD]), json.dumps([GOOD, {}]), "nothing"], ids=["200", "206", "400"])
async def test_web_page_may_read_every_response(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("/v2/track", content=body, headers={**PAGE, "content-type": "text/plain"})
    assert response.headers["access-control-allow-origin"] == "*"


async def test_web_page_may_read_a_503_response(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object) -> None:
        message = "no space left"
        raise StoreUnavailableError(message)

    monkeypatch.setattr(store, "append", unavailable)
    response = await client.post("/v2/track", json=[GOOD], headers=PAGE)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/map.json", "/healthz", "/", "/transaction.json"])
async def test_web_page_of_another_origin_may_not_read_the_portal(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path, headers=PAGE)
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


async def test_application_id_is_plain_text_and_equals_that_of_track_responses(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/api/profiles/{GOOD['iKey'].upper()}/appId")
    assert response.headers["content-type"].startswith("text/plain")
    track = (await client.post("/v2/track", json=[GOOD])).json()
    assert response.text == track["appId"]


async def test_validation_reports_errors_and_stores_nothing(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    response = await client.post("/v2/validate", json=[GOOD, {}])
    assert (response.status_code, response.json()["itemsAccepted"]) == (206, 1)
    assert store.stats().items == 0


async def test_body_of_any_size_is_accepted(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    for name, compress in (("plain", bytes), ("gzip", gzip.compress), ("zstd", zstd.compress)):
        properties = {"p": "x" * 50_000}
        padded = {**GOOD, "data": {"baseType": "EventData", "baseData": {"name": name, "properties": properties}}}
        body = json.dumps([padded, {}] * 500)
        assert len(body) > 20 * MEGABYTE
        content = compress(body.encode())
        response = await client.post("/v2.1/track", content=in_parts(content))
        track = response.json()
        assert (response.status_code, track["itemsReceived"], track["itemsAccepted"]) == (206, 1_000, 500)
        assert [error["index"] for error in track["errors"]] == list(range(1, 1_000, 2))
    assert store.stats().items == 1_500


@pytest.mark.parametrize("path", ["/v2/track", "/v2.1/track", "/v2/validate"])
async def test_other_compression_is_rejected_with_415_and_the_supported_ones(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.post(path, content=b"\x8b\x02\x80data", headers={"content-encoding": "br"})
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "gzip, zstd, deflate")
    assert response.json()["detail"] == "Content-Encoding: expected gzip, zstd, deflate or none, got 'br'"


@pytest.mark.parametrize("compress", [zstd.compress, zlib.compress], ids=["zstd", "deflate"])
async def test_zstd_and_deflate_are_decompressed(
    client: httpx.AsyncClient, store: DuckDBStore, compress: Callable[[bytes], bytes]
) -> None:
    response = await client.post("/v2.1/track", content=compress(json.dumps([GOOD]).encode()))
    assert (response.status_code, store.stats().items) == (200, 1)


async def test_items_before_a_truncation_are_stored_and_the_error_is_reported(
    client: httpx.AsyncClient, store: DuckDBStore
) -> None:
    items = [{**GOOD, "time": f"2026-11-23T03:48:{second}Z"} for second in range(10, 60)]
    compressed = gzip.compress(json.dumps(items).encode(), compresslevel=0)
    response = await client.post("/v2.1/track", content=compressed[:-500])
    assert response.status_code == 206
    assert response.json()["errors"][-1]["message"] == "truncated gzip"
    assert store.stats().items >= 45


async def test_backpressure_defers_requests_over_the_memory_budget_with_503(
    client: httpx.AsyncClient, store: DuckDBStore
) -> None:
    proceed = anyio.Event()
    statuses: list[int] = []

    async def slow_body(number: int) -> AsyncIterator[bytes]:
        envelope = {**GOOD, "time": f"2026-11-23T03:48:0{number}Z"}
        async for part in in_parts(json.dumps([envelope]).encode() + b" " * int(3.5 * MEGABYTE)):
            yield part
        await proceed.wait()
        yield b"\n"

    async def slow_client(number: int) -> None:
        statuses.append((await client.post("/v2.1/track", content=slow_body(number))).status_code)

    async with anyio.create_task_group() as clients:
        for number in range(4):
            clients.start_soon(slow_client, number)
        await anyio.wait_all_tasks_blocked()
        deferred = await client.post("/v2.1/track", content=in_parts(b" " * 3 * MEGABYTE))
        proceed.set()
    assert (deferred.status_code, deferred.headers["retry-after"]) == (503, "5")
    assert "INSIGHTS_MAX_INFLIGHT_MB" in deferred.json()["detail"]
    assert statuses == [200] * 4
    assert (await client.post("/v2.1/track", content=in_parts(b" " * 3 * MEGABYTE))).status_code == 200
    assert store.stats().items == 4
