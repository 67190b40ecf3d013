"""The page Live Metrics, its JSON endpoint and its forms."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette

from local_insights.http.problems import PROBLEMS
from local_insights.model.item import ItemType
from local_insights.model.item_key import item_key
from local_insights.model.live.configuration import MAX_METRICS
from local_insights.model.live.live_state import LiveState
from local_insights.portal.routes import portal_routes
from support.fake_store import FakeStore
from support.hostile_telemetry import HOSTILE_TEXTS
from support.items import EMPTY_ITEM, SECOND_US
from support.live_reports import CPU, FAILED, MEMORY, NOON_S, RATE, point, sent
from support.portal_pages import PageResponse, Portal

NOON_US = int(NOON_S) * SECOND_US
METRIC = {"aggregate": "Count", "type": "Request", "field": "", "predicate": "Equal", "value": ""}


@pytest.fixture
def live() -> LiveState:
    return LiveState()


@pytest.fixture
def app(live: LiveState) -> Starlette:
    """The portal one second after noon."""
    routes = portal_routes(FakeStore(), lambda: datetime.fromtimestamp(NOON_S + 1, UTC), live=live)
    return Starlette(routes=routes, exception_handlers=dict(PROBLEMS))


def get(app: Starlette, path: str) -> PageResponse:
    return Portal(app).get(path)


def post(app: Starlette, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.post(path, content=urlencode(form), headers=headers)

    return asyncio.run(send())


def busy(live: LiveState) -> None:
    """Report two servers, the second with a failed request."""
    documents = (sent("request", Name="GET /orders", ResponseCode="500"),)
    live.report([point({RATE: 33, MEMORY: 1.92e8, CPU: 26}, stream="1", instance="vm-1")], NOON_S)
    live.report([point({RATE: 2, FAILED: 1}, *documents, stream="2", instance="vm-2")], NOON_S)


def test_page_shows_the_newest_second(app: Starlette, live: LiveState) -> None:
    busy(live)
    page = get(app, "/live")
    shown = {
        one.attributes["data-measure"]: " ".join(one.text.split()) for one in page.all("figure", class_="live-figure")
    }
    assert shown["requests_per_second"] == "Request rate 35 /s"
    assert shown["failed_requests_per_second"] == "Request failure rate 1.0 /s"
    assert shown["request_duration_ms"] == "Request duration \N{EN DASH}"
    assert shown["memory_bytes"] == "Memory 192 MB"
    assert shown["cpu_percent"] == "Process CPU 26 %"
    assert "2 servers online" in page.text
    assert page.one("time", id="time").text == "12:00:01"


def test_link_of_a_server_shows_only_that_server(app: Starlette, live: LiveState) -> None:
    busy(live)
    link = next(one for one in get(app, "/live").all("a") if one.text == "vm-1")
    page = get(app, link.attributes["href"])
    shown = page.one("figure", data_measure="requests_per_second")
    assert shown.text.split()[-2:] == ["33", "/s"]
    assert "GET /orders" not in page.text
    assert page.one("a", aria_current="true").text == "vm-1"
    assert (
        page.one("div", id="live")
        .attributes["data-stream"]
        .startswith(f"/live/stream?{link.attributes['href'].partition('?')[2]}&")
    )


def test_unknown_server_is_reported(app: Starlette, live: LiveState) -> None:
    busy(live)
    page = get(app, "/live?server=unknown")
    assert "has not reported" in page.text
    assert page.one("section", id="no-servers").attributes.get("hidden") is not None


def test_page_without_servers_shows_the_connection_string(app: Starlette) -> None:
    page = get(app, "/live")
    assert "LiveEndpoint=http://127.0.0.1:8080" in page.one("pre", id="connection-string").text
    assert page.one("div", id="dashboard").attributes.get("hidden") is not None


def test_page_without_javascript_has_a_reload_link(app: Starlette) -> None:
    assert "Reload" in get(app, "/live").one("noscript").text


def test_document_links_to_its_transaction_or_its_details(app: Starlette, live: LiveState) -> None:
    item = EMPTY_ITEM._replace(time_us=NOON_US, message="known", operation_id="4bf9", role="orders")
    unknown = item._replace(message="unknown", operation_id="")
    live.observe([item, unknown], NOON_S)
    page = get(app, "/live")
    links = {one.text: one.attributes.get("href") for one in page.all("a", data_field="name") if one.text}
    assert links["known"] == f"/transaction/4bf9?find={item_key(item)}"
    assert links["unknown"] == f"/item/{item_key(unknown)}"


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_telemetry_is_escaped(app: Starlette, live: LiveState, text: str) -> None:
    fields = {"time_us": NOON_US, "name": text, "message": text, "data": text, "operation_id": text}
    for kind in ItemType:
        live.observe([EMPTY_ITEM._replace(**fields, item_type=kind, role=text or "application", success=False)], NOON_S)  # type: ignore[arg-type]
    live.report([point({}, sent("trace", Message=text), role=text, instance=text, stream="1")], NOON_S)
    for path in ("/live", "/live.json"):
        page = get(app, path)
        assert page.status == 200
        assert "owned'</script>" not in page.text or path.endswith("json")
    assert [one.attributes.get("src") for one in get(app, "/live").all("script") if "src" not in one.attributes] == []


def test_feed_form_changes_the_filter(app: Starlette, live: LiveState) -> None:
    before = live.configuration.etag
    form = {
        "Request": "all",
        "Dependency": "none",
        "Exception": "all",
        "Event": "none",
        "Trace": "none",
        "text": "/pay",
    }
    response = post(app, "/live/feed?server=x", form)
    assert (response.status_code, response.headers["location"]) == (303, "/live?server=x")
    assert live.configuration.etag != before
    page = get(app, "/live")
    chosen = {
        kind: [one.text for one in page.elements if one.name == "option" and "selected" in one.attributes]
        for kind in ("all",)
    }["all"]
    assert chosen[:5] == ["all", "none", "all", "none", "none"]
    assert "requests, exceptions that contain “/pay”" in page.text


def test_custom_metrics_are_added_and_removed(app: Starlette, live: LiveState) -> None:
    form = METRIC | {
        "aggregate": "Longest duration",
        "field": "Duration",
        "predicate": "GreaterThan",
        "value": "500 ms",
    }
    assert post(app, "/live/metrics", form).status_code == 303
    (metric,) = live.configuration.metrics
    assert metric.conditions[0].comparand == "0.00:00:00.500"
    assert metric.title in get(app, "/live").text
    assert post(app, "/live/metrics/remove", {"id": metric.id}).status_code == 303
    assert live.configuration.metrics == ()


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("/live/feed", {"Request": "some"}, "Expected one of failed, all, none."),
        ("/live/feed", {"text": "x" * 201}, "Expected 200 at most."),
        ("/live/metrics", METRIC | {"type": "Metric"}, "Expected one of Request"),
        (
            "/live/metrics",
            METRIC | {"type": "Trace", "aggregate": "Average duration"},
            "Expected Request or Dependency",
        ),
        ("/live/metrics", METRIC | {"field": "Colour", "value": "red"}, "is not a field of Request"),
        ("/live/metrics", METRIC | {"field": "Duration", "value": "soon"}, "expected a duration"),
        ("/live/metrics", {"x": "y" * 20_000}, "Expected the form of the page"),
    ],
)
def test_invalid_form_is_rejected_with_the_expected_value(
    app: Starlette, live: LiveState, path: str, form: dict[str, str], expected: str
) -> None:
    before = live.configuration
    response = post(app, path, form)
    assert response.status_code == 400
    assert expected in response.text
    assert live.configuration == before


def test_number_of_custom_metrics_is_limited(app: Starlette, live: LiveState) -> None:
    for number in range(MAX_METRICS):
        assert post(app, "/live/metrics", METRIC | {"field": "Name", "value": str(number)}).status_code == 303
    assert post(app, "/live/metrics", METRIC).status_code == 400
    assert len(live.configuration.metrics) == MAX_METRICS
    assert "remove one to add another" in get(app, "/live").text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_form_of_another_site_is_rejected_with_403(app: Starlette, live: LiveState, site: str) -> None:
    before = live.configuration
    assert post(app, "/live/feed", {}, {"Sec-Fetch-Site": site}).status_code == 403
    assert live.configuration == before
