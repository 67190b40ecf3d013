"""The page of one transaction in Chromium: folding, keyboard, copying, and the downloaded file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from local_insights.app import create_app
from local_insights.settings import Settings
from support.browser_pages import SCREENS, OpenPage, accessibility_report, overflowing_widths, serving
from support.fake_store import OPERATION_ID, FakeStore, stocked_store

PAGE = f"/transaction/{OPERATION_ID}"


@pytest.fixture
def store() -> FakeStore:
    """The failed operation, and a copy of it with a wrong clock and a missing call."""
    store = stocked_store(1_769_860_800_000_000)
    items = store.items[OPERATION_ID]
    store.items["skewed"] = [
        entry._replace(operation_id="skewed", time_us=entry.time_us + (4_200_000 if entry.role == "storage" else 0))
        for entry in items
        if entry.id != "d2"
    ]
    return store


@pytest.fixture
def url(store: FakeStore) -> Iterator[str]:
    with serving(create_app(Settings(), store)) as address:
        yield address


def row(page: Page, number: int) -> Locator:
    return page.locator(f"#row-{number} .gantt-row")


def test_subtree_folds_without_a_reload_and_the_back_button_unfolds_it(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGE)
    page.evaluate("window.notReloaded = true")
    page.locator("#row-5 .fold").click()
    expect(page.locator("#items li")).to_have_count(5)
    expect(row(page, 5)).to_be_focused()
    expect(page.locator("#row-5 .below")).to_have_text("+4")
    page.go_back()
    expect(page.locator("#items li")).to_have_count(9)
    page.go_forward()
    expect(page.locator("#items li")).to_have_count(5)
    assert page.evaluate("window.notReloaded") is True
    page.reload()
    expect(page.locator("#items li")).to_have_count(5)


def test_keys_move_in_the_tree_and_fold_it(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGE)
    row(page, 7).focus()
    page.keyboard.press("ArrowRight")
    expect(row(page, 8)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(row(page, 7)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#items li")).to_have_count(8)
    expect(row(page, 7)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(row(page, 5)).to_be_focused()
    row(page, 7).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#items li")).to_have_count(9)
    page.keyboard.press("Home")
    expect(row(page, 1)).to_be_focused()
    page.keyboard.press("End")
    expect(row(page, 9)).to_be_focused()


def test_folding_works_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGE, java_script_enabled=False)
    page.locator("#row-5 .fold").click()
    expect(page.locator("#items li")).to_have_count(5)
    page.get_by_role("link", name="Unfold all").click()
    expect(page.locator("#items li")).to_have_count(9)


def test_selected_item_stays_selected_while_others_fold(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}{PAGE}?item=3")
    page.locator("#row-5 .fold").click()
    expect(page.locator("#items li")).to_have_count(5)
    expect(page.locator('#items [aria-current="true"]')).to_contain_text("POST /echo")
    expect(page.locator("#item-title")).to_have_text("POST /echo")


def test_transaction_is_copied_as_json(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGE, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as JSON").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert (copied["operation_id"], len(copied["items"])) == (OPERATION_ID, 9)


def test_failed_copy_refers_to_the_json_link(open_url: OpenPage, url: str) -> None:
    page = open_url(url + PAGE)
    page.route("**/*.json", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Copy as JSON").click()
    expect(page.get_by_role("button", name="Not copied")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_page_and_file_are_accessible(open_url: OpenPage, url: str, screen: str, tmp_path: Path) -> None:
    page = open_url(f"{url}/transaction/skewed?fold=5", **SCREENS[screen])
    found = {"page": accessibility_report(page)}
    file = saved(page, tmp_path)
    page.goto(file.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    found["file"] = accessibility_report(page)
    assert {name: report for name, report in found.items() if report} == {}
    assert overflowing_widths(page) == []


def test_file_shows_all_fields_without_a_server(open_url: OpenPage, url: str, tmp_path: Path) -> None:
    page = open_url(url + PAGE)
    file = saved(page, tmp_path)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    page.locator("summary", has_text="INSERT").click()
    expect(page.get_by_text("INSERT INTO entered_values (value) VALUES (%s)")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.track rect')).fill") == "rgb(192, 33, 42)"
    assert requests == [file.as_uri()]


def saved(page: Page, folder: Path) -> Path:
    """Download the file of the page and return its path."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
