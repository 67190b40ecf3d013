"""Requests for another host (DNS rebinding), and forms of other sites."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from local_insights.http.middleware import INGESTION_PATHS
from local_insights.settings import Settings

pytestmark = pytest.mark.anyio

OTHER = {"host": "evil.example:8080"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
SAME_ORIGINS: tuple[dict[str, str], ...] = (
    {},
    {"origin": "http://localhost"},
    {"origin": "HTTPS://LOCALHOST"},
    {"sec-fetch-site": "same-origin"},
)
OTHER_ORIGINS = (
    {"origin": "http://evil.example"},
    {"origin": "http://localhost:8081"},
    {"origin": "http://localhost.evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
)


@pytest.fixture
def settings() -> Settings:
    return Settings(host_names=("insights",), tls_names=("shop.test",))


async def test_every_endpoint_that_returns_telemetry_rejects_other_hosts(
    app: Starlette, client: httpx.AsyncClient
) -> None:
    routes = [route for route in app.routes if isinstance(route, Route | Mount)]
    paths = {route.path for route in routes if not route.path.startswith(INGESTION_PATHS)}
    assert len(paths) > 20
    for path in [*sorted(paths), "/nothing", "/v2x/track"]:
        for method in ("GET", "POST"):
            response = await client.request(method, path.replace("{operation_id}", "x"), headers=OTHER)
            assert response.status_code == 421, path
            assert response.headers["content-type"] == "application/problem+json"
            assert "INSIGHTS_HOST_NAMES" in response.json()["detail"]
            assert "evil.example:8080" in response.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/v2/track", "//v2.1/track", "/v2/validate", "/v1/traces", "/QuickPulseService.svc/ping"]
)
async def test_ingestion_endpoints_accept_telemetry_for_any_host(client: httpx.AsyncClient, path: str) -> None:
    response = await client.post(f"http://localhost{path}", headers=OTHER)
    assert response.status_code in {200, 400, 415}


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8080", "insights:8080", "SHOP.test"])
async def test_pages_show_the_connection_string_for_the_host_of_the_request(
    client: httpx.AsyncClient, host: str
) -> None:
    page = (await client.get("/live", headers={"host": host})).text
    assert f"IngestionEndpoint=http://{host};" in page


async def test_repeated_host_header_is_checked_completely(client: httpx.AsyncClient) -> None:
    headers = [("host", "localhost"), ("host", "evil.example")]
    assert (await client.get("/map", headers=headers)).status_code == 421


async def test_long_host_is_shortened_in_the_error(client: httpx.AsyncClient) -> None:
    response = await client.get("/map", headers={"host": "x" * 5_000})
    assert (response.status_code, len(response.content) < 1_000) == (421, True)


@pytest.mark.parametrize("path", ["/live/feed", "/live/metrics/remove"])
@pytest.mark.parametrize("headers", SAME_ORIGINS, ids=str)
async def test_forms_of_this_site_are_accepted(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    assert (await client.post(path, headers=FORM | headers)).status_code == 303


@pytest.mark.parametrize("path", ["/live/feed", "/live/metrics", "/live/metrics/remove"])
@pytest.mark.parametrize("headers", OTHER_ORIGINS, ids=str)
async def test_forms_of_other_sites_are_rejected(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    assert (await client.post(path, headers=FORM | headers)).status_code == 403
