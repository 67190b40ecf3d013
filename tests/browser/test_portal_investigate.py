"""The paths from the map to the cause of a failure, and the histogram, in Chromium."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect
from starlette.types import ASGIApp

from benchmarks.sample_telemetry import shop_items
from local_insights.app import create_app
from local_insights.model.time_range import TimeRange
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore
from support.browser_pages import WIDTHS_PX, OpenPage, overflowing_widths, serving

HOUR_US = 3_600_000_000
MAX_SHIFT = 0.01
"""Columns of a table that is loading may move slightly; a chart without a fixed height shifts ten times as much."""
PAGES = ("/overview", "/performance?row_role=orders&name=POST+/orders", "/failures?tab=exceptions", "/failures")


@pytest.fixture(scope="module")
def shop_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    """The server with the last hour of a shop. A thread stores it, because playwright's thread has an event loop."""
    store = DuckDBStore(tmp_path_factory.mktemp("shop"))
    now_us = time.time_ns() // 1000
    items = list(shop_items(TimeRange(now_us - HOUR_US, now_us), operations=600))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(store.append(items))).result()
    yield create_app(Settings(), store)
    store.close()


@pytest.fixture
def url(shop_app: ASGIApp) -> Iterator[str]:
    with serving(shop_app) as address:
        yield address


def test_links_from_the_map_to_the_statement_and_the_exception(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?since=4h")
    page.locator("[data-node='role:orders']").focus()
    page.keyboard.press("Enter")
    page.locator("#panel").get_by_role("link", name="Investigate failures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Failures")
    expect(page.get_by_label("Role")).to_have_value("orders")
    expect(page.get_by_label("Time range")).to_have_value("4h")
    page.get_by_role("table").first.get_by_role("link", name="POST /orders").click()
    expect(page.locator("#trend")).to_contain_text("POST /orders · orders")
    page.locator("section", has=page.locator("#samples")).get_by_role("link", name="POST /orders").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("End-to-end transaction")
    expect(page.locator("#items [aria-current]")).to_contain_text("POST /orders")
    expect(page.locator("#details")).to_contain_text("500")
    page.locator("#items").get_by_role("link", name="dependency INSERT").click()
    expect(page.locator("#details")).to_contain_text("INSERT INTO orders VALUES (%s, %s)")
    page.locator("#items").get_by_role("link", name="OperationalError orders").click()
    expect(page.locator("#details")).to_contain_text("Lost connection to MySQL server during query")


def test_links_from_the_overview_to_a_slow_sample(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/overview?since=4h")
    page.get_by_role("link", name="Performance of orders").click()
    page.get_by_role("link", name="p95", exact=True).first.click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("p95")
    page.get_by_role("table").first.get_by_role("link", name="GET /orders/{id}").click()
    page.get_by_role("navigation", name="Samples").get_by_role("link", name="p50").click()
    page.locator("section", has=page.locator("#samples")).get_by_role("link", name="GET /orders/{id}").first.click()
    expect(page.locator("#items [aria-current]")).to_contain_text("GET /orders/{id}")


def test_dragging_over_the_histogram_selects_durations_in_the_url(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/performance?since=4h&role=orders")
    chart = page.locator("#histogram svg")
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 80, steps=4)
    expect(page.locator(".brush")).to_be_visible()
    page.mouse.up()
    page.wait_for_url("**/performance?*shortest_ms=*longest_ms=*")
    shortest, longest = (float(page.get_by_label(label, exact=True).input_value()) for label in ("From", "to"))
    assert 0 < shortest < longest
    assert "role=orders" in page.url
    expect(page.locator("#duration-range")).to_contain_text("of 1")
    pale = page.locator("#histogram .bars rect[opacity]").count()
    assert 0 < pale < page.locator("#histogram .bars rect").count()
    page.get_by_role("link", name="All durations").click()
    expect(page.locator("#histogram .bars rect[opacity]")).to_have_count(0)


def test_click_without_a_drag_selects_no_durations(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/performance?since=4h")
    page.locator("#histogram svg").click(position={"x": 100, "y": 60})
    expect(page.locator(".brush")).to_have_count(0)
    assert page.url == f"{url}/performance?since=4h"


def test_durations_and_roles_can_be_selected_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/performance?since=4h", java_script_enabled=False)
    page.get_by_label("Role").select_option("orders")
    page.locator(".role-choice").get_by_role("button").click()
    page.get_by_label("From", exact=True).fill("10")
    page.get_by_label("to", exact=True).fill("50")
    page.locator("#duration-range").get_by_role("button").click()
    expect(page.locator("#duration-range")).to_contain_text("of 1")
    assert "role=orders" in page.url
    expect(page.get_by_text("drag to select")).to_be_hidden()


def test_tabs_and_rows_can_be_selected_by_keyboard(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/failures?since=4h")
    page.get_by_role("link", name="Dependencies", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Dependencies", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("table").first.get_by_role("link", name="POST /charges").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.selected")).to_contain_text("POST /charges")


@pytest.mark.parametrize("path", PAGES)
def test_page_does_not_shift_while_it_loads(open_url: OpenPage, url: str, path: str) -> None:
    page = open_url(url + path)
    assert shifted(page) < MAX_SHIFT


@pytest.mark.parametrize("path", PAGES)
def test_page_is_not_wider_than_the_window_and_no_labels_overlap(open_url: OpenPage, url: str, path: str) -> None:
    page = open_url(url + path)
    for width_px in WIDTHS_PX:
        assert overflowing_widths(page, widths_px=[width_px]) == []
        assert overlapping_labels(page) == [], width_px


def shifted(page: Page) -> float:
    """Return the layout shift since the page was first painted, as browsers score it."""
    return float(
        page.evaluate(
            """() => new Promise((done) => {
                let sum = 0;
                const seen = new PerformanceObserver((list) => {
                    for (const entry of list.getEntries()) sum += entry.value;
                });
                seen.observe({ type: "layout-shift", buffered: true });
                requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
            })"""
        )
    )


def overlapping_labels(page: Page) -> list[str]:
    """Return the labels of chart axes that overlap the next one."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("svg.chart .along")].flatMap((axis) => {
                const boxes = [...axis.children].map((label) => label.getBoundingClientRect());
                return boxes.slice(1).filter((box, index) => box.left < boxes[index].right).map((box, index) =>
                    axis.children[index].textContent);
            })"""
        )
    )
