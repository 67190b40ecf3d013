"""The search page in Chromium: accessibility, keyboard, mouse, without JavaScript, on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from local_insights.app import create_app
from local_insights.model.item import ItemType
from local_insights.model.summaries import StoreStats
from local_insights.settings import Settings
from local_insights.store.contract import QueryTimeoutError
from support.browser_pages import (
    NARROW,
    SCREENS,
    WIDE,
    WIDTHS_PX,
    OpenPage,
    accessibility_report,
    overflowing_widths,
    serving,
)
from support.fake_store import OPERATION_ID, FakeStore, stocked_store
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_store
from support.items import item

NOW_US = 1_769_860_800_000_000
RANGE = "from=2026-01-31T11:00:00Z&to=2026-01-31T12:01:00Z"
PAGES = {
    "newest": f"/search?{RANGE}",
    "words found in excerpts": f"/search?{RANGE}&q=2013+OR+values+OR+storage-1",
    "filtered": f"/search?{RANGE}&type=request&type=customMetric&role=echo&severity=3",
    "second page": f"/search?{RANGE}&before={NOW_US}-3",
    "no results": f"/search?{RANGE}&q=nothing+at+all",
    "syntax error": f"/search?{RANGE}&q=%22open",
    "invalid parameter": "/search?type=banana",
}


@pytest.fixture
def store() -> FakeStore:
    store = stocked_store(NOW_US)
    long = "x" * 5_000
    store.items["other"] = [
        item(time_us=NOW_US - 1, operation_id="other", name=long, role=long, operation_name=long, result_code="200"),
        item(time_us=NOW_US - 2, operation_id="", item_type=ItemType.CUSTOM_METRIC, name="queue length", value=3.5),
    ]
    return store


@pytest.fixture
def url(store: FakeStore) -> Iterator[str]:
    with serving(create_app(Settings(), store)) as address:
        yield address


def results(page: Page) -> list[str]:
    return page.locator(".results td.wide").all_inner_texts()


@pytest.mark.parametrize("screen", SCREENS)
def test_every_state_is_accessible(open_url: OpenPage, url: str, screen: str, store: FakeStore) -> None:
    page = open_url(url + PAGES["newest"], **SCREENS[screen])
    found = {}
    for name, path in PAGES.items():
        page.goto(url + path)
        if name == "filtered" and SCREENS[screen]["viewport"] == NARROW:
            page.locator(".facets > label").click()
        found[name] = accessibility_report(page)
    store.error = QueryTimeoutError("query timed out")
    page.goto(url + PAGES["newest"])
    found["timeout"] = accessibility_report(page)
    store.error, store.items, store.store_stats = None, {}, StoreStats(0, None, None)
    page.goto(url + PAGES["newest"])
    found["empty store"] = accessibility_report(page)
    assert {name: report for name, report in found.items() if report} == {}


def test_no_state_is_wider_than_the_window(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"])
    found = {}
    for name, path in PAGES.items():
        page.goto(url + path)
        found[name] = overflowing_widths(page, ".sheet", widths_px=(*WIDTHS_PX, 1100))
    assert {name: widths for name, widths in found.items() if widths} == {}


def test_search_by_keyboard_opens_the_item_in_its_transaction(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"])
    page.keyboard.press("/")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.type('"lost connection"')
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 result")).to_be_visible()
    expect(page.locator(".results mark").first).to_have_text("Lost connection")
    page.get_by_role("link", name="2013: Lost connection").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/transaction/{OPERATION_ID}"))
    expect(page.locator("#item-title")).to_contain_text("OperationalError")


def test_filters_apply_and_preserve_the_focus(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"])
    page.get_by_role("checkbox", name="dependency").check()
    expect(page).to_have_url(re.compile("type=dependency"))
    expect(page.get_by_role("checkbox", name="dependency")).to_be_focused()
    page.get_by_role("checkbox", name="failed").check()
    expect(page).to_have_url(re.compile("type=dependency.*success=false"))
    expect(page.get_by_role("checkbox", name="failed")).to_be_focused()
    assert results(page) == ["INSERT", "POST /values"]
    page.get_by_role("link", name="Remove all filters").click()
    expect(page.get_by_role("heading", name="11 results")).to_be_visible()
    page.go_back()
    assert results(page) == ["INSERT", "POST /values"]


def test_filters_stay_open_on_a_phone(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"], viewport=NARROW)
    echo = page.get_by_role("checkbox", name="echo")
    expect(echo).to_be_hidden()
    page.locator(".facets > label").click()
    echo.check()
    expect(page).to_have_url(re.compile("role=echo"))
    expect(page.get_by_role("checkbox", name="echo")).to_be_focused()
    expect(page.get_by_text("Filters (1)")).to_be_visible()


def test_search_works_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"], java_script_enabled=False)
    page.get_by_label("Search", exact=True).fill("values")
    page.get_by_role("checkbox", name="storage").check()
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("q=values.*role=storage"))
    assert [row[:20] for row in results(page)] == ["2013: Lost connectio", "INSERT", "POST /values"]
    expect(page.get_by_role("checkbox", name="storage")).to_be_checked()


def test_new_items_are_announced_without_moving_the_results(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/search?since=3650d&q=storage")
    before = results(page)
    store.items["newest"] = [item(time_us=NOW_US, role="storage", name="storage starts", operation_id="newest")]
    page.clock.fast_forward(6_000)
    updates = page.get_by_role("link", name="1 new item: show it")
    expect(updates).to_be_visible()
    assert results(page) == before
    updates.click()
    expect(page.get_by_role("link", name="storage starts")).to_be_visible()


def test_syntax_error_is_shown_next_to_the_query_that_can_be_corrected(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/search?{RANGE}&role=storage&q=lost+OR")
    expect(page.get_by_role("alert")).to_contain_text("Character 6: OR needs a term after it.")
    page.get_by_label("Search", exact=True).fill("lost")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 result")).to_be_visible()
    expect(page.get_by_role("checkbox", name="storage")).to_be_checked()


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_runs_no_script_and_breaks_no_page(open_url: OpenPage, kind: str) -> None:
    with serving(create_app(Settings(), hostile_store(HOSTILE_TEXTS[kind]))) as url:
        page = open_url(f"{url}/search?since=3650d", viewport=WIDE)
        for query in ("", "&q=x", "&q=owned", "&q=title"):
            page.goto(f"{url}/search?since=3650d{query}")
            expect(page.get_by_role("navigation", name="Local Insights")).to_be_visible()
            assert page.evaluate("document.title") != "owned", query
            assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], query
