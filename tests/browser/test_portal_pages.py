"""Every page of the portal in Chromium: for everyone, on every screen, whatever telemetry says."""

import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from local_insights.app import create_app
from local_insights.model.item import ItemType
from local_insights.model.summaries import StoreStats
from local_insights.portal.transaction.page import ROWS
from local_insights.settings import Settings
from support.browser_pages import OpenPage, serving
from support.fake_store import NOTHING, OPERATION_ID, FakeStore, item, stocked_store
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_pages, hostile_store

TRANSACTION = f"/transaction/{OPERATION_ID}"
PAGES = {
    "map": "/map",
    "panel": "/map?node=role:storage",
    "client": "/map?node=client:client",
    "gone": "/map?node=role:retired",
    "focus": "/map?focus=echo",
    "unknown focus": "/map?focus=nobody",
    "table": "/map?view=table&node=role:echo",
    "map refused": "/map?since=banana",
    "overview": "/overview?since=3650d",
    "performance": "/performance?since=3650d",
    "performance, selected": "/performance?since=3650d&tab=dependencies&type=MySQL&shortest_ms=10&samples=p95",
    "performance, nothing": "/performance?since=5m",
    "failures": "/failures?since=3650d",
    "failures, exceptions": "/failures?since=3650d&tab=exceptions&role=storage",
    "failures refused": "/failures?tab=pie",
    "transactions": "/transaction",
    "transactions through a component": "/transaction?node=role:storage&failed=1",
    "transaction": TRANSACTION,
    "exception": f"{TRANSACTION}?item=8",
    "before and after": f"{TRANSACTION}?surrounding=1",
    "transaction refused": f"{TRANSACTION}?item=99",
    "unknown transaction": "/transaction/deadbeef",
}
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def store() -> FakeStore:
    return stocked_store(1_769_860_800_000_000)


@pytest.fixture
def url(store: FakeStore) -> Iterator[str]:
    with serving(create_app(Settings(), store)) as address:
        yield address


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_every_page_is_accessible(
    open_url: OpenPage, url: str, color_scheme: str, viewport: dict[str, int], store: FakeStore
) -> None:
    page = open_url(url, color_scheme=color_scheme, viewport=viewport)
    found = {}
    for name, path in PAGES.items():
        page.goto(url + path)
        found[name] = Axe().run(page)
    store.map_rows, store.store_stats = NOTHING, StoreStats(0, None, None)
    page.goto(f"{url}/map")
    found["empty map"] = Axe().run(page)
    store.summaries = []
    page.goto(f"{url}/transaction")
    found["empty list"] = Axe().run(page)
    assert {name: result.generate_report() for name, result in found.items() if result.violations_count} == {}


@pytest.mark.parametrize("width_px", [320, 390, 820, 1440])
def test_nothing_is_wider_than_the_window(open_url: OpenPage, url: str, width_px: int) -> None:
    page = open_url(url, viewport={"width": width_px, "height": 800})
    for name, path in PAGES.items():
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px, name


def test_on_a_phone_the_panel_is_a_sheet_of_two_fifths_at_most(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?node=role:storage", viewport=NARROW)
    sheet, stage = page.locator("#panel").bounding_box(), page.locator(".stage").bounding_box()
    assert sheet is not None
    assert stage is not None
    assert sheet["height"] <= 0.4 * NARROW["height"]
    assert sheet["y"] + sheet["height"] == NARROW["height"]
    assert stage["height"] > 200


def test_a_row_shows_its_details_without_a_reload_and_the_back_button_returns(open_url: OpenPage, url: str) -> None:
    page = open_url(url + TRANSACTION)
    page.evaluate("window.notReloaded = true")
    page.locator("#items .gantt-row", has_text="INSERT").click()
    expect(page.locator("#item-title")).to_have_text("INSERT")
    expect(page.locator('#items [aria-current="true"]')).to_have_count(1)
    expect(page).to_have_url(f"{url}{TRANSACTION}?item=7")
    page.go_back()
    expect(page.locator("#item-title")).to_have_text("POST /values")
    assert page.evaluate("window.notReloaded") is True


def test_arrows_walk_the_rows_of_a_transaction(open_url: OpenPage, url: str) -> None:
    page = open_url(url + TRANSACTION)
    page.locator("#items .gantt-row").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#items .gantt-row").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#item-title")).to_have_text("POST /echo")


def test_a_transaction_works_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/transaction", java_script_enabled=False)
    page.get_by_role("link", name="POST /values").first.click()
    page.locator("#items .gantt-row", has_text="INSERT").click()
    expect(page.locator("#item-title")).to_have_text("INSERT")


def test_from_the_map_to_a_failed_transaction_to_its_exception(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    page.locator('.stage .node[data-node="role:storage"]').click()
    page.get_by_role("link", name="Failed transactions").click()
    page.get_by_role("link", name="POST /values").first.click()
    page.get_by_role("link", name="OperationalError").click()
    expect(page.locator(".frames")).to_contain_text("/app/storage/values.py:42")


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_runs_nothing_and_breaks_no_page(open_url: OpenPage, kind: str) -> None:
    with serving(create_app(Settings(), hostile_store(HOSTILE_TEXTS[kind]))) as url:
        page = open_url(f"{url}/map.svg", viewport=WIDE)
        panel, table, focus, *_ = hostile_pages(HOSTILE_TEXTS[kind])
        for path in (panel, table, focus, "/transaction", "/transaction/0badc0de?item=4"):
            page.goto(url + path)
            expect(page.get_by_role("navigation", name="Local Insights")).to_be_visible()
            assert page.evaluate("document.title") != "owned", path
            assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], path


def test_on_a_phone_the_entry_of_the_page_is_in_view(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/transaction", viewport=NARROW)
    entry = page.get_by_role("navigation").get_by_role("link", name="Transactions")
    expect(entry).to_have_attribute("aria-current", "page")
    expect(entry).to_be_in_viewport(ratio=1)


def test_five_thousand_items_stay_usable(open_url: OpenPage, url: str, store: FakeStore) -> None:
    root = item(time_us=0, duration_us=5_000_000, id="root", name="GET /report", success=True)
    calls = [
        item(
            time_us=number * 1000,
            duration_us=900,
            id=f"call{number}",
            parent_id="root",
            item_type=ItemType.DEPENDENCY,
            name=f"SELECT {number}",
            success=True,
        )
        for number in range(1, 5_000)
    ]
    store.items = {OPERATION_ID: [root, *calls]}
    begun_s = time.monotonic()
    page = open_url(url + TRANSACTION)
    assert time.monotonic() - begun_s < 5
    expect(page.locator("#items li")).to_have_count(ROWS)
    page.get_by_role("link", name="Later rows").click()
    expect(page.locator(".paging")).to_contain_text("Rows 501 to 1,000 of 5,000")
    with page.expect_response("**item=701*") as answered:
        page.locator("#row-701 .gantt-row").click()
    expect(page.locator("#item-title")).to_have_text("SELECT 700")
    assert len(answered.value.body()) < 10_000
