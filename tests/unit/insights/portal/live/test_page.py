"""The page Live Metrics, its twin and its forms, as the server sends them."""

import asyncio
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette

from local_insights.http.problems import PROBLEMS
from local_insights.model.item import ItemType
from local_insights.model.live.configuration import MAX_METRICS
from local_insights.model.live.live_state import LiveState
from local_insights.portal.live.routes import live_routes
from support.hostile_telemetry import HOSTILE_TEXTS
from support.live_reports import CPU, FAILED, MEMORY, NOON_S, RATE, point, sent
from support.portal_pages import PageResponse, Portal
from support.stored_items import NOTHING, SECOND_US

NOON_US = int(NOON_S) * SECOND_US
METRIC = {"figure": "Count", "type": "Request", "field": "", "predicate": "Equal", "value": ""}


@pytest.fixture
def board() -> LiveState:
    return LiveState()


@pytest.fixture
def app(board: LiveState) -> Starlette:
    """The page, as it is a second after noon."""
    return Starlette(routes=live_routes(board, asyncio.Event(), lambda: NOON_S + 1), exception_handlers=dict(PROBLEMS))


def get(app: Starlette, path: str) -> PageResponse:
    return Portal(app).get(path)


def post(app: Starlette, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://insights") as client:
            return await client.post(path, content=urlencode(form), headers=headers)

    return asyncio.run(send())


def busy(board: LiveState) -> None:
    """Two servers, the second with a failure."""
    documents = (sent("request", Name="GET /orders", ResponseCode="500"),)
    board.report([point({RATE: 33, MEMORY: 1.92e8, CPU: 26}, stream="1", instance="vm-1")], NOON_S)
    board.report([point({RATE: 2, FAILED: 1}, *documents, stream="2", instance="vm-2")], NOON_S)


def test_page_shows_the_newest_second(app: Starlette, board: LiveState) -> None:
    busy(board)
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


def test_click_on_a_server_shows_that_server(app: Starlette, board: LiveState) -> None:
    busy(board)
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


def test_server_that_is_gone_is_said_to_be(app: Starlette, board: LiveState) -> None:
    busy(board)
    page = get(app, "/live?server=long-gone")
    assert "has not been heard of" in page.text
    assert page.one("section", id="nobody").attributes.get("hidden") is not None


def test_without_servers_the_page_says_how_to_connect_one(app: Starlette) -> None:
    page = get(app, "/live")
    assert "LiveEndpoint=http://127.0.0.1:8080" in page.one("pre", id="connection-string").text
    assert page.one("div", id="board").attributes.get("hidden") is not None


def test_without_javascript_the_page_says_how_to_see_more(app: Starlette) -> None:
    assert "Reload for newer figures" in get(app, "/live").one("noscript").text


def test_document_leads_to_its_transaction_where_that_is_known(app: Starlette, board: LiveState) -> None:
    item = NOTHING._replace(time_us=NOON_US, message="known", operation_id="4bf9", role="orders")
    board.observe([item, item._replace(message="unknown", operation_id="")], NOON_S)
    page = get(app, "/live")
    links = {one.text: one.attributes.get("href") for one in page.all("a", data_field="name") if one.text}
    assert links["known"] == "/transaction/4bf9"
    assert links["unknown"] is None


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_telemetry_neither_breaks_a_page_nor_runs(app: Starlette, board: LiveState, text: str) -> None:
    facts = {"time_us": NOON_US, "name": text, "message": text, "data": text, "operation_id": text}
    for kind in ItemType:
        board.observe([NOTHING._replace(**facts, item_type=kind, role=text or "application", success=False)], NOON_S)  # type: ignore[arg-type]
    board.report([point({}, sent("trace", Message=text), role=text, instance=text, stream="1")], NOON_S)
    for path in ("/live", "/live.json"):
        page = get(app, path)
        assert page.status == 200
        assert "owned'</script>" not in page.text or path.endswith("json")
    assert [one.attributes.get("src") for one in get(app, "/live").all("script") if "src" not in one.attributes] == []


def test_feed_form_changes_what_is_asked_for(app: Starlette, board: LiveState) -> None:
    before = board.configuration.etag
    form = {
        "Request": "all",
        "Dependency": "none",
        "Exception": "all",
        "Event": "none",
        "Trace": "none",
        "text": "/pay",
    }
    answer = post(app, "/live/feed?server=x", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/live?server=x")
    assert board.configuration.etag != before
    page = get(app, "/live")
    chosen = {
        kind: [one.text for one in page.elements if one.name == "option" and "selected" in one.attributes]
        for kind in ("all",)
    }["all"]
    assert chosen[:5] == ["all", "none", "all", "none", "none"]
    assert "requests, exceptions that contain “/pay”" in page.text


def test_metrics_are_added_and_removed(app: Starlette, board: LiveState) -> None:
    form = METRIC | {"figure": "Longest duration", "field": "Duration", "predicate": "GreaterThan", "value": "500 ms"}
    assert post(app, "/live/metrics", form).status_code == 303
    (metric,) = board.configuration.metrics
    assert metric.conditions[0].comparand == "0.00:00:00.500"
    assert metric.title in get(app, "/live").text
    assert post(app, "/live/metrics/remove", {"id": metric.id}).status_code == 303
    assert board.configuration.metrics == ()


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("/live/feed", {"Request": "some"}, "Expected one of failed, all, none."),
        ("/live/feed", {"text": "x" * 201}, "Expected 200 at most."),
        ("/live/metrics", METRIC | {"type": "Metric"}, "Expected one of Request"),
        ("/live/metrics", METRIC | {"type": "Trace", "figure": "Average duration"}, "Expected Request or Dependency"),
        ("/live/metrics", METRIC | {"field": "Colour", "value": "red"}, "is not a field of Request"),
        ("/live/metrics", METRIC | {"field": "Duration", "value": "soon"}, "expected a duration"),
        ("/live/metrics", {"x": "y" * 20_000}, "Expected the form of the page"),
    ],
)
def test_form_that_cannot_be_followed_says_what_was_expected(
    app: Starlette, board: LiveState, path: str, form: dict[str, str], expected: str
) -> None:
    before = board.configuration
    answer = post(app, path, form)
    assert answer.status_code == 400
    assert expected in answer.text
    assert board.configuration == before


def test_there_are_only_so_many_metrics(app: Starlette, board: LiveState) -> None:
    for number in range(MAX_METRICS):
        assert post(app, "/live/metrics", METRIC | {"field": "Name", "value": str(number)}).status_code == 303
    assert post(app, "/live/metrics", METRIC).status_code == 400
    assert len(board.configuration.metrics) == MAX_METRICS
    assert "remove one to add another" in get(app, "/live").text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_forms_of_other_sites_are_not_taken(app: Starlette, board: LiveState, site: str) -> None:
    before = board.configuration
    assert post(app, "/live/feed", {}, {"Sec-Fetch-Site": site}).status_code == 403
    assert board.configuration == before
