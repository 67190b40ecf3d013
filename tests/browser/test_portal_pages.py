"""Maps and transactions in Chromium: keyboard, without JavaScript, on a phone, hostile telemetry, many items."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from local_insights.app import create_app
from local_insights.model.item import ItemType
from local_insights.portal.transaction.page import ROWS
from local_insights.settings import Settings
from support.browser_pages import NARROW, WIDE, OpenPage, serving
from support.fake_store import OPERATION_ID, FakeStore, stocked_store
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_pages, hostile_store
from support.items import item

TRANSACTION = f"/transaction/{OPERATION_ID}"


@pytest.fixture
def store() -> FakeStore:
    return stocked_store(1_769_860_800_000_000)


@pytest.fixture
def url(store: FakeStore) -> Iterator[str]:
    with serving(create_app(Settings(), store)) as address:
        yield address


def test_panel_takes_at_most_two_fifths_of_a_phone(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?node=role:storage", viewport=NARROW)
    sheet, stage = page.locator("#panel").bounding_box(), page.locator(".stage").bounding_box()
    assert sheet is not None
    assert stage is not None
    assert sheet["height"] <= 0.4 * NARROW["height"]
    assert sheet["y"] + sheet["height"] == NARROW["height"]
    assert stage["height"] > 200


def test_row_shows_its_details_without_a_reload_and_the_back_button_works(open_url: OpenPage, url: str) -> None:
    page = open_url(url + TRANSACTION)
    page.evaluate("window.notReloaded = true")
    page.locator("#items .gantt-row", has_text="INSERT").click()
    expect(page.locator("#item-title")).to_have_text("INSERT")
    expect(page.locator('#items [aria-current="true"]')).to_have_count(1)
    expect(page).to_have_url(f"{url}{TRANSACTION}?item=7")
    page.go_back()
    expect(page.locator("#item-title")).to_have_text("POST /values")
    assert page.evaluate("window.notReloaded") is True


def test_arrow_keys_move_between_rows(open_url: OpenPage, url: str) -> None:
    page = open_url(url + TRANSACTION)
    page.locator("#items .gantt-row").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#items .gantt-row").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#item-title")).to_have_text("POST /echo")


def test_transaction_works_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/transaction", java_script_enabled=False)
    page.get_by_role("link", name="POST /values").first.click()
    page.locator("#items .gantt-row", has_text="INSERT").click()
    expect(page.locator("#item-title")).to_have_text("INSERT")


def test_links_from_the_map_to_a_failed_transaction_and_its_exception(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    page.locator('.stage .node[data-node="role:storage"]').click()
    page.get_by_role("link", name="Failed transactions").click()
    page.get_by_role("link", name="POST /values").first.click()
    page.get_by_role("link", name="OperationalError").click()
    expect(page.locator(".frames")).to_contain_text("/app/storage/values.py:42")


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_runs_no_script_and_breaks_no_page(open_url: OpenPage, kind: str) -> None:
    with serving(create_app(Settings(), hostile_store(HOSTILE_TEXTS[kind]))) as url:
        page = open_url(f"{url}/map.svg", viewport=WIDE)
        panel, table, focus, *_ = hostile_pages(HOSTILE_TEXTS[kind])
        for path in (panel, table, focus, "/transaction", "/transaction/0badc0de?item=4"):
            page.goto(url + path)
            expect(page.get_by_role("navigation", name="Local Insights")).to_be_visible()
            assert page.evaluate("document.title") != "owned", path
            assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], path


def test_current_navigation_entry_is_visible_on_a_phone(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/transaction", viewport=NARROW)
    entry = page.get_by_role("navigation").get_by_role("link", name="Transactions")
    expect(entry).to_have_attribute("aria-current", "page")
    expect(entry).to_be_in_viewport(ratio=1)


def test_transaction_with_five_thousand_items_is_usable(open_url: OpenPage, url: str, store: FakeStore) -> None:
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
    began_s = time.monotonic()
    page = open_url(url + TRANSACTION)
    assert time.monotonic() - began_s < 5
    expect(page.locator("#items li")).to_have_count(ROWS)
    page.get_by_role("link", name="Later rows").click()
    expect(page.locator(".paging")).to_contain_text("Rows 501 to 1,000 of 5,000")
    with page.expect_response("**item=701*") as response:
        page.locator("#row-701 .gantt-row").click()
    expect(page.locator("#item-title")).to_have_text("SELECT 700")
    assert len(response.value.body()) < 10_000
