"""Accessibility and width of every page of the portal, in each of its states, in Chromium."""

from collections.abc import Iterator, Mapping

import pytest

from local_insights.app import create_app
from local_insights.model.summaries import StoreStats
from local_insights.portal.pages import PAGES
from local_insights.settings import Settings
from support.browser_pages import SCREENS, OpenPage, accessibility_report, overflowing_widths, serving
from support.fake_store import NOTHING, stocked_store
from support.portal_pages import page_address

NOW_US = 1_769_860_800_000_000

FURTHER_STATES = {
    "map": {
        "panel": "?node=role:storage",
        "panel of the client": "?node=client:client",
        "panel of an unknown node": "?node=role:retired",
        "focus": "?focus=echo",
        "unknown focus": "?focus=unknown",
        "table": "?view=table&node=role:echo",
        "error": "?since=banana",
    },
    "overview": {"data": "?since=3650d"},
    "performance": {
        "data": "?since=3650d",
        "selected row": "?since=3650d&tab=dependencies&type=MySQL&shortest_ms=10&samples=p95",
    },
    "failures": {
        "data": "?since=3650d",
        "exceptions": "?since=3650d&tab=exceptions&role=storage",
        "error": "?tab=pie",
    },
    "transactions": {"filtered by component": "?node=role:storage&failed=1"},
    "transaction": {
        "exception": "?item=8",
        "zoom and surrounding items": "?surrounding=1&item=7&range=80-400",
        "error": "?item=99",
    },
}
"""States of pages in addition to the address without parameters. Search and Live Metrics have files of their own."""


def states() -> Mapping[str, list[str]]:
    """Return the addresses of the states of each page in the table of pages."""
    addresses: dict[str, list[str]] = {}
    for entry in PAGES:
        name = entry.path.split("/")[1] if "{" in entry.path else entry.section
        queries = ["", *FURTHER_STATES.get(name, {}).values()]
        addresses[name] = [page_address(entry, NOW_US) + query for query in queries]
    addresses["transaction"].append("/transaction/deadbeef")
    addresses["item"].append("/item/unknown")
    return addresses


STATES = states()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(create_app(Settings(), stocked_store(NOW_US))) as address:
        yield address


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", STATES)
def test_page_is_accessible(open_url: OpenPage, url: str, name: str, screen: str) -> None:
    page = open_url("about:blank", **SCREENS[screen])
    found = {}
    for path in STATES[name]:
        page.goto(url + path)
        found[path] = accessibility_report(page)
    assert {path: report for path, report in found.items() if report} == {}


@pytest.mark.parametrize("screen", SCREENS)
def test_page_without_data_is_accessible(open_url: OpenPage, screen: str) -> None:
    store = stocked_store(NOW_US)
    store.map_rows, store.store_stats, store.summaries = NOTHING, StoreStats(0, None, None), []
    with serving(create_app(Settings(), store)) as url:
        page = open_url(f"{url}/map", **SCREENS[screen])
        found = {"map": accessibility_report(page)}
        page.goto(f"{url}/transaction")
        found["transactions"] = accessibility_report(page)
    assert {name: report for name, report in found.items() if report} == {}


@pytest.mark.parametrize("name", STATES)
def test_page_is_not_wider_than_the_window(open_url: OpenPage, url: str, name: str) -> None:
    page = open_url("about:blank")
    found = {}
    for path in STATES[name]:
        page.goto(url + path)
        found[path] = overflowing_widths(page)
    assert {path: widths for path, widths in found.items() if widths} == {}
