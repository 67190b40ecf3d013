"""Live Metrics in Chromium: delay, pause, servers, filters and accessibility."""

import itertools
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from local_insights.app import create_app
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore
from support.browser_pages import SCREENS, OpenPage, accessibility_report, overflowing_widths, serving

VISIBLE_WITHIN_MS = 1500
PATIENCE_S = 30
_ids = itertools.count(1)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    store = DuckDBStore(tmp_path)
    with serving(create_app(Settings(), store)) as address:
        yield address
    store.close()


@pytest.fixture
def open_live(url: str, open_url: OpenPage) -> OpenPage:
    """Return a function that opens the page. It depends on `url`, so that its streams close before the server stops."""

    def opened(path: str = "/live", **context_options: Any) -> Page:  # noqa: ANN401 - playwright's own
        page = open_url(url + path, **context_options)
        page.clock.resume()
        return page

    return opened


def send(url: str, count: int, instance: str = "vm-1", *, failed: bool = False) -> str:
    """Post requests that end now and return their operation id."""
    operation_id = f"{next(_ids):032x}"
    tags = {"ai.cloud.role": "orders", "ai.cloud.roleInstance": instance, "ai.operation.id": operation_id}
    request = {
        "name": "GET /orders",
        "duration": "00:00:00.000001",
        "responseCode": "500" if failed else "200",
        "success": not failed,
        "url": "http://orders/orders",
    }
    envelopes = [
        {
            "time": datetime.now(UTC).isoformat(),
            "iKey": "0",
            "tags": tags,
            "data": {"baseType": "RequestData", "baseData": {**request, "id": f"{next(_ids):016x}"}},
        }
        for _ in range(count)
    ]
    assert httpx.post(f"{url}/v2.1/track", json=envelopes, timeout=PATIENCE_S).status_code == 200
    return operation_id


def report(url: str, requests_per_second: dict[str, float]) -> None:
    """Post the reports of servers for the same second."""
    points = [
        {
            "StreamId": instance,
            "RoleName": "orders",
            "Instance": instance,
            "Version": "uld",
            "Metrics": [{"Name": r"\ApplicationInsights\Requests/Sec", "Value": value, "Weight": 1}],
        }
        for instance, value in requests_per_second.items()
    ]
    assert httpx.post(f"{url}/QuickPulseService.svc/post", json=points, timeout=PATIENCE_S).status_code == 200


@contextmanager
def reporting(url: str, requests_per_second: dict[str, float]) -> Iterator[None]:
    """Report every second, as servers do."""
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            report(url, requests_per_second)
            ended.wait(1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def number(page: Page, measure: str = "requests_per_second") -> Any:  # noqa: ANN401 - playwright's locator
    return page.locator(f'[data-measure="{measure}"] [data-value="number"]')


def connected(page: Page) -> Page:
    expect(page.locator("#connection")).to_have_text("Connected")
    return page


@pytest.mark.parametrize("source", ["telemetry", "protocol"])
def test_posted_values_are_shown_within_a_second_and_a_half(url: str, open_live: OpenPage, source: str) -> None:
    send(url, 1, "earlier")
    sent_s = int(time.time())
    page = connected(open_live())
    page.wait_for_function("(second) => Number(document.getElementById('live').dataset.second) > second", arg=sent_s)
    for count in (37, 58):
        if source == "telemetry":
            send(url, count)
        else:
            report(url, {"vm-1": count})
        posted_s = time.monotonic()
        expect(number(page)).to_have_text(str(count), timeout=VISIBLE_WITHIN_MS)
        assert (time.monotonic() - posted_s) * 1000 <= VISIBLE_WITHIN_MS


def test_new_server_appears_without_a_reload(url: str, open_live: OpenPage) -> None:
    page = connected(open_live())
    expect(page.get_by_text("No server reported")).to_be_visible()
    page.evaluate("window.notReloaded = true")
    send(url, 3)
    expect(page.locator("#servers tr")).to_have_count(1)
    expect(page.get_by_text("No server reported")).to_be_hidden()
    expect(page.locator(".live-chart canvas").first).to_be_visible()
    assert page.evaluate("window.notReloaded") is True


def test_paused_page_does_not_change_and_resumes_without_a_gap(url: str, open_live: OpenPage) -> None:
    send(url, 1)
    page = connected(open_live())
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.locator("#connection")).to_have_text("Paused")
    shown = page.locator("#time").text_content()
    send(url, 5, failed=True)
    with httpx.stream("GET", f"{url}/live/stream") as stream:  # three seconds of another client
        events = (line for line in stream.iter_lines() if line.startswith("data"))
        for _ in range(3):
            next(events)
    expect(page.locator("#time")).to_have_text(shown or "")
    expect(page.locator("#documents tr")).to_have_count(0)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.locator("#documents tr")).to_have_count(5)
    connected(page)


def test_click_on_a_server_filters_the_page(url: str, open_live: OpenPage) -> None:
    with reporting(url, {"vm-1": 30, "vm-2": 4}):
        page = connected(open_live())
        expect(number(page)).to_have_text("34")
        page.get_by_role("link", name="vm-2").click()
        expect(number(page)).to_have_text("4.0")
        expect(page.locator("#servers tr")).to_have_count(2)
        expect(page.locator("#servers [aria-current]")).to_have_text("vm-2")
        page.get_by_role("link", name="All servers").click()
        expect(number(page)).to_have_text("34")


def test_document_links_to_its_transaction(url: str, open_live: OpenPage) -> None:
    send(url, 1)
    page = connected(open_live())
    operation_id = send(url, 1, failed=True)
    page.locator("#documents").get_by_role("link", name="GET /orders").click()
    expect(page).to_have_url(re.compile(rf"/transaction/{operation_id}\?find=\d+-[0-9a-f]{{16}}$"))
    expect(page.locator("#items")).to_contain_text("GET /orders")


def test_lost_connection_is_shown_and_restored(url: str, open_live: OpenPage) -> None:
    send(url, 1)
    page = connected(open_live())
    page.route("**/live/stream*", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#connection")).to_contain_text("Connection lost")
    page.unroute("**/live/stream*")
    page.clock.fast_forward(5000)
    connected(page)


def test_feed_and_custom_metric_are_configured_by_keyboard(url: str, open_live: OpenPage) -> None:
    send(url, 2)
    page = connected(open_live())
    page.get_by_role("combobox", name="Requests").select_option("all")
    page.get_by_role("textbox", name="Containing").fill("/orders")
    page.keyboard.press("Enter")
    expect(page.get_by_text("requests, failed dependencies, exceptions, events, traces that contain")).to_be_visible()
    page.get_by_role("combobox", name="where").fill("Url")
    page.get_by_role("textbox", name="Value").fill("orders")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Custom metrics")).to_be_visible()
    connected(page)
    send(url, 7)
    expect(page.locator("#documents tr")).to_have_count(7)
    expect(page.locator('.live-figure:has-text("Count of requests where Url Contains orders") strong')).to_have_text(
        "7.0"
    )
    page.get_by_role("button", name="Remove Count of requests").click()
    expect(page.get_by_role("heading", name="Custom metrics")).to_be_hidden()


def test_layout_does_not_shift_while_values_arrive(url: str, open_live: OpenPage) -> None:
    send(url, 3, failed=True)
    page = connected(open_live())
    expect(page.locator(".live-chart canvas")).to_have_count(9)
    page.evaluate(
        """() => {
            window.shifts = 0;
            new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shifts += entry.value)))
                .observe({ type: "layout-shift", buffered: true });
        }"""
    )
    for count in (400, 2, 71):
        report(url, {"vm-1": count})
        expect(number(page)).to_contain_text(str(count), timeout=3000)
    assert page.evaluate("window.shifts") < 0.02


def test_page_without_javascript_shows_a_snapshot(url: str, open_live: OpenPage) -> None:
    send(url, 3, failed=True)
    page = open_live(java_script_enabled=False)
    expect(page.locator("#documents tr")).to_have_count(3)
    expect(page.get_by_role("link", name="Reload")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS)
def test_page_is_accessible(url: str, open_live: OpenPage, screen: str) -> None:
    options = SCREENS[screen]
    found = {"empty": accessibility_report(connected(open_live(**options)))}
    send(url, 3, failed=True)
    report(url, {"vm-2": 5})
    page = connected(open_live(**options))
    expect(page.locator("#documents tr")).to_have_count(3)
    found["servers"] = accessibility_report(page)
    found["unknown server"] = accessibility_report(connected(open_live("/live?server=unknown", **options)))
    assert {name: report for name, report in found.items() if report} == {}


def test_page_is_not_wider_than_the_window(url: str, open_live: OpenPage) -> None:
    send(url, 3, "a-server-with-a-long-name" * 5, failed=True)
    page = connected(open_live())
    expect(page.locator("#documents tr")).to_have_count(3)
    assert overflowing_widths(page) == []
