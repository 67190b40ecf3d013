"""The ingestion endpoints over HTTP, with captured requests of real SDKs."""

import gzip
import json

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from local_insights.settings import Settings
from local_insights.store.contract import StoreUnavailableError
from local_insights.store.duckdb.store import DuckDBStore
from support.captured_posts import Post, envelopes, posts

pytestmark = pytest.mark.anyio

GOOD = envelopes("opencensus_fixed", "RequestData")[0]


@pytest.fixture
def settings() -> Settings:
    return Settings(keep_sdk_statistics=True)


@pytest.mark.parametrize("post", posts(), ids=lambda post: f"{post.sdk}-{len(post.body)}")
async def test_every_batch_of_a_real_sdk_is_stored_completely(
    client: httpx.AsyncClient, store: DuckDBStore, post: Post
) -> None:
    headers = {"content-type": post.headers.get("content-type") or post.headers["Content-Type"]}
    response = await client.post(f"http://insights{post.path}", content=post.body, headers=headers)
    sent = len(post.envelopes)
    track = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert (track["itemsReceived"], track["itemsAccepted"], track["errors"]) == (sent, sent, [])
    assert store.stats().items == sent


@pytest.mark.parametrize("path", ["/v2/track", "/v2.1/track", "//v2.1/track", "///v2//track"])
async def test_endpoint_may_end_with_a_slash(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(f"http://insights{path}", json=[GOOD])).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "gzip", "content-type": "application/x-json-stream"},
        {"content-type": "application/json"},
        {"content-type": "text/plain;charset=UTF-8"},
        {},
    ],
)
async def test_format_is_detected_from_the_body_not_from_headers(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    lines = "\n".join([json.dumps(GOOD)] * 3).encode()
    for body in (lines, gzip.compress(lines)):
        response = await client.post("/v2/track", content=body, headers=headers)
        assert response.json()["itemsAccepted"] == 3


async def test_bad_envelope_is_rejected_with_206_and_the_others_are_stored(
    client: httpx.AsyncClient, store: DuckDBStore
) -> None:
    response = await client.post(
        "/v2.1/track", json=[GOOD, {"name": "nothing"}, {**GOOD, "time": GOOD["time"][:-2] + "9Z"}]
    )
    assert response.status_code == 206
    track = response.json()
    assert (track["itemsReceived"], track["itemsAccepted"]) == (3, 2)
    assert track["errors"] == [{"index": 1, "statusCode": 400, "message": "time: expected a value, got none"}]
    assert store.stats().items == 2


@pytest.mark.parametrize("body", [b"no telemetry", b"[{}]", b"\x1f\x8bno gzip", b"\xff\xfe\x00"])
async def test_body_without_a_valid_item_is_rejected_with_400(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/v2.1/track", content=body)
    track = response.json()
    assert response.status_code == 400
    assert (track["itemsReceived"], track["itemsAccepted"]) == (1, 0)
    assert [(error["index"], error["statusCode"]) for error in track["errors"]] == [(0, 400)]


async def test_unavailable_store_results_in_503_with_retry_after(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object) -> None:
        message = "no space left"
        raise StoreUnavailableError(message)

    monkeypatch.setattr(store, "append", unavailable)
    response = await client.post("/v2.1/track", json=[GOOD])
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "no space left"


async def test_response_is_sent_after_the_commit(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    for number in range(1, 4):
        await client.post("/v2.1/track", json=[{**GOOD, "time": f"2026-11-23T03:48:0{number}Z"}])
        assert (await anyio.to_thread.run_sync(store.stats)).items == number


async def test_disconnected_client_stores_nothing(app: Starlette, store: DuckDBStore) -> None:
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v2/track", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    assert store.stats().items == 0


@given(
    body=st.binary(max_size=300), encoding=st.sampled_from([b"gzip", b"identity", b"br", b"\xff"]), good=st.booleans()
)
@with_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_body_is_accepted_or_rejected(app: Starlette, body: bytes, encoding: bytes, *, good: bool) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        content = json.dumps(GOOD).encode() + b"\n" + body if good else body
        headers = {b"content-encoding": encoding}
        response = await client.post("/v2.1/track", content=content, headers=headers)
    assert response.status_code in ({200, 206} if good else {200, 206, 400, 415})


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nothing/here", 404, "Not Found"),
        ("GET", "/v2.1/track", 405, "Method Not Allowed"),
        ("POST", "/healthz", 405, "Method Not Allowed"),
    ],
)
async def test_every_error_is_a_problem_document(
    client: httpx.AsyncClient, method: str, path: str, status: int, title: str
) -> None:
    response = await client.request(method, path)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (response.status_code, problem["status"], problem["title"]) == (status, status, title)
    assert path in problem["detail"]


async def test_internal_error_is_a_problem_document_without_details(
    client: httpx.AsyncClient, store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        message = "secret detail"
        raise RuntimeError(message)

    monkeypatch.setattr(store, "stats", broken)
    response = await client.get("/healthz")
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in response.text


async def test_health_is_the_health_of_the_store(client: httpx.AsyncClient, store: DuckDBStore) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok", "items": 0, "duplicates": 0}
    await anyio.to_thread.run_sync(store.close)
    assert (await client.get("/healthz")).status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/map", "/nothing", "/map.json"])
async def test_every_response_has_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
