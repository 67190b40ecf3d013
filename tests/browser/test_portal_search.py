"""The search page in Chromium: with keyboard and mouse, without JavaScript, for everyone, on a phone."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from local_insights.app import create_app
from local_insights.model.item import ItemType
from local_insights.model.summaries import StoreStats
from local_insights.settings import Settings
from local_insights.store.contract import QueryTimeoutError
from support.browser_pages import OpenPage, serving
from support.fake_store import OPERATION_ID, FakeStore, item, stocked_store
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_store

NOW_US = 1_769_860_800_000_000
RANGE = "from=2026-01-31T11:00:00Z&to=2026-01-31T12:01:00Z"
PAGES = {
    "newest": f"/search?{RANGE}",
    "words found in excerpts": f"/search?{RANGE}&q=2013+OR+values+OR+storage-1",
    "filtered": f"/search?{RANGE}&type=request&type=customMetric&role=echo&severity=3",
    "second page": f"/search?{RANGE}&before={NOW_US}-3",
    "nothing found": f"/search?{RANGE}&q=nothing+at+all",
    "cannot be read": f"/search?{RANGE}&q=%22open",
    "refused": "/search?type=banana",
}
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


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


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_every_state_is_accessible(
    open_url: OpenPage, url: str, color_scheme: str, viewport: dict[str, int], store: FakeStore
) -> None:
    page = open_url(url + PAGES["newest"], color_scheme=color_scheme, viewport=viewport)
    found = {}
    for name, path in PAGES.items():
        page.goto(url + path)
        if name == "filtered" and viewport == NARROW:
            page.locator(".facets > label").click()
        found[name] = Axe().run(page)
    store.error = QueryTimeoutError("too much")
    page.goto(url + PAGES["newest"])
    found["too large"] = Axe().run(page)
    store.error, store.items, store.store_stats = None, {}, StoreStats(0, None, None)
    page.goto(url + PAGES["newest"])
    found["nothing stored"] = Axe().run(page)
    assert {name: result.generate_report() for name, result in found.items() if result.violations_count} == {}


@pytest.mark.parametrize("width_px", [320, 390, 820, 1100, 1440])
def test_nothing_is_wider_than_the_window(open_url: OpenPage, url: str, width_px: int) -> None:
    page = open_url(url + PAGES["newest"], viewport={"width": width_px, "height": 800})
    for name, path in PAGES.items():
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px, name
        sheet = page.locator(".sheet")
        assert sheet.evaluate("sheet => sheet.scrollWidth - sheet.clientWidth") == 0, name


def test_a_search_by_keyboard_alone_leads_to_the_item_in_its_transaction(open_url: OpenPage, url: str) -> None:
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


def test_choices_narrow_the_results_and_keep_the_focus(open_url: OpenPage, url: str) -> None:
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


def test_on_a_phone_the_filters_open_and_stay_open(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"], viewport=NARROW)
    echo = page.get_by_role("checkbox", name="echo")
    expect(echo).to_be_hidden()
    page.locator(".facets > label").click()
    echo.check()
    expect(page).to_have_url(re.compile("role=echo"))
    expect(page.get_by_role("checkbox", name="echo")).to_be_focused()
    expect(page.get_by_text("Filters (1)")).to_be_visible()


def test_search_needs_no_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGES["newest"], java_script_enabled=False)
    page.get_by_label("Search", exact=True).fill("values")
    page.get_by_role("checkbox", name="storage").check()
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("q=values.*role=storage"))
    assert [row[:20] for row in results(page)] == ["2013: Lost connectio", "INSERT", "POST /values"]
    expect(page.get_by_role("checkbox", name="storage")).to_be_checked()


def test_new_items_are_announced_and_nothing_moves(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/search?since=3650d&q=storage")
    before = results(page)
    store.items["newest"] = [item(time_us=NOW_US, role="storage", name="storage starts", operation_id="newest")]
    page.clock.fast_forward(6_000)
    news = page.get_by_role("link", name="1 new item: show it")
    expect(news).to_be_visible()
    assert results(page) == before
    news.click()
    expect(page.get_by_role("link", name="storage starts")).to_be_visible()


def test_a_mistake_is_told_where_it_can_be_mended(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/search?{RANGE}&role=storage&q=lost+OR")
    expect(page.get_by_role("alert")).to_contain_text("Character 6: OR needs a term after it.")
    page.get_by_label("Search", exact=True).fill("lost")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 result")).to_be_visible()
    expect(page.get_by_role("checkbox", name="storage")).to_be_checked()


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_runs_nothing_and_breaks_no_page(open_url: OpenPage, kind: str) -> None:
    with serving(create_app(Settings(), hostile_store(HOSTILE_TEXTS[kind]))) as url:
        page = open_url(f"{url}/search?since=3650d", viewport=WIDE)
        for query in ("", "&q=x", "&q=owned", "&q=title"):
            page.goto(f"{url}/search?since=3650d{query}")
            expect(page.get_by_role("navigation", name="Local Insights")).to_be_visible()
            assert page.evaluate("document.title") != "owned", query
            assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], query
