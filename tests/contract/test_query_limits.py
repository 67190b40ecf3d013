"""Limits of query strings, which apply to every endpoint that reads one."""

from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from local_insights.http.middleware import INGESTION_PATHS
from local_insights.http.query_params import MAX_QUERY_CHARACTERS, MAX_REPETITIONS

pytestmark = pytest.mark.anyio

WITHOUT_QUERY = {"/healthz", "/readyz", "/metrics", "/rejections.json"}
TOO_MANY = [("expand", f"group:HTTP|{number}") for number in range(MAX_REPETITIONS + 1)]
TOO_LONG = [("focus", "x" * MAX_QUERY_CHARACTERS)]


@pytest.mark.parametrize("query", [TOO_MANY, TOO_MANY * 40, TOO_LONG], ids=["repeated", "repeated often", "long"])
async def test_every_endpoint_rejects_a_query_over_a_limit(
    app: Starlette, client: httpx.AsyncClient, query: list[tuple[str, str]]
) -> None:
    checked = 0
    for route in app.routes:
        if not isinstance(route, Route) or route.path.startswith(INGESTION_PATHS) or route.path in WITHOUT_QUERY:
            continue
        path = route.path.replace("{operation_id}", "x")
        method = "GET" if "GET" in (route.methods or ()) else "POST"
        response = await client.request(method, f"{path}?{urlencode(query)}")
        assert response.status_code == 400, path
        assert "at most" in response.text, path
        assert len(response.content) < 10_000, path
        checked += 1
    assert checked > 20


async def test_query_within_the_limits_is_accepted(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/map.json?{urlencode(TOO_MANY[:-1])}")
    assert response.status_code == 200


@pytest.mark.parametrize("name", ["expand", "role", "since", "unknown", "q"])
async def test_output_does_not_grow_with_the_repetitions_of_a_parameter(client: httpx.AsyncClient, name: str) -> None:
    for path in ("/map", "/search", "/performance", "/failures", "/transaction", "/live"):
        parameter = urlencode({name: "1h" if name == "since" else "x"})
        once, repeated = [await client.get(f"{path}?{'&'.join([parameter] * count)}") for count in (1, 20)]
        assert len(repeated.content) <= len(once.content) * 2 + 2_000, path
