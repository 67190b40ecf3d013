"""The last reasons for which paths, bodies and items were rejected. SDKs discard the response."""

import json

import httpx
import pytest

from local_insights.ingest.rejections import MAX_ENTRIES, right_path
from support.captured_posts import envelopes

pytestmark = pytest.mark.anyio

GOOD = envelopes("opencensus_fixed", "RequestData")[0]


async def rejections(client: httpx.AsyncClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await client.get("/rejections.json")).json()["rejections"]
    return found


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/v1/track", "/v2.1/track"),
        ("/api/2/track", "/v2.1/track"),
        ("/prefix/v2.1/track", "/v2.1/track"),
        ("/otlp/v1/traces", "/v1/traces"),
        ("/V1/Logs", "/v1/logs"),
        ("/telemetry", "/v2.1/track, /v1/traces, /v1/logs or /v1/metrics"),
    ],
)
async def test_unknown_path_is_rejected_with_the_right_path_and_counted(
    client: httpx.AsyncClient, path: str, right: str
) -> None:
    assert right_path(path) == right
    response = await client.post(path, content=b"[]", headers={"user-agent": "sdk/1"})
    problem = response.json()
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert f"POST {path}: no such path. Telemetry is accepted at {right}: " in problem["detail"]
    assert f"IngestionEndpoint={client.base_url}".rstrip("/") in problem["detail"]
    (entry,) = await rejections(client)
    assert (entry["path"], entry["count"], entry["user_agent"], entry["reason"]) == (
        path,
        1,
        "sdk/1",
        problem["detail"],
    )
    assert "insights_requests_to_unknown_paths_total 1.0" in (await client.get("/metrics")).text


async def test_get_of_an_unknown_path_is_no_rejection(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/track")).status_code == 404
    assert await rejections(client) == []


async def test_rejected_items_are_counted_by_kind_of_reason_with_their_sdk(client: httpx.AsyncClient) -> None:
    tags = {**GOOD["tags"], "ai.internal.sdkVersion": "py3.11:oc1"}
    bad = [{**GOOD, "tags": tags, "time": f"soon {number}"} for number in range(3)]
    await client.post("/v2.1/track", content=json.dumps([*bad, GOOD, 7]))
    first, second = await rejections(client)
    assert (first["count"], first["sdk"], first["path"]) == (1, "py3.11:oc1", "/v2.1/track")
    assert (second["count"], second["reason"]) == (3, "time: expected an ISO 8601 time, got 'soon 2'")


async def test_rejections_of_every_protocol_are_listed_newest_first(client: httpx.AsyncClient) -> None:
    await client.post("/v2/track", content=b"\x8b\x02\x80data", headers={"content-encoding": "br"})
    await client.post("/v1/logs", content=b"\xff\xff")
    await client.post("/v1/traces", json={"resourceSpans": [{"scopeSpans": [{"spans": [{"name": 7}]}]}]})
    assert [entry["path"] for entry in await rejections(client)] == ["/v1/traces", "/v1/logs", "/v2/track"]


async def test_validation_is_no_rejection(client: httpx.AsyncClient) -> None:
    await client.post("/v2/validate", content=b"[{}]")
    assert await rejections(client) == []


async def test_number_of_rejections_is_limited(client: httpx.AsyncClient) -> None:
    for number in range(MAX_ENTRIES + 5):
        await client.post(f"/nowhere/{number}")
    found = await rejections(client)
    assert (len(found), found[0]["path"]) == (MAX_ENTRIES, f"/nowhere/{MAX_ENTRIES + 4}")
