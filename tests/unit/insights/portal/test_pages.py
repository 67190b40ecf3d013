"""The table of pages: routes, navigation, titles and JSON endpoints are derived from it."""

import json
import tomllib
from collections.abc import Callable
from datetime import datetime

import pytest

from local_insights.portal.page_views import PageEntry
from local_insights.portal.pages import PAGES
from running.settings import PROJECT_DIR
from support.portal_pages import PageResponse, page_address

Get = Callable[..., PageResponse]
IN_NAVIGATION = [entry for entry in PAGES if entry.icon]
REJECTING = [entry for entry in PAGES if entry.section != "live" and not entry.path.startswith("/item/")]
"""The pages that have a parameter with invalid values."""


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_has_its_title_and_is_current_in_the_navigation(get: Get, entry: PageEntry, now: datetime) -> None:
    page = get(page_address(entry, round(now.timestamp() * 1_000_000)))
    assert page.status == 200
    assert page.one("h1").text == entry.title
    (current,) = (link for link in page.all("a", aria_current="page") if link.text in titles())
    assert current.text == next(other.title for other in IN_NAVIGATION if other.section == entry.section)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_has_a_json_endpoint_at_its_address(get: Get, entry: PageEntry, now: datetime) -> None:
    response = get(f"{page_address(entry, round(now.timestamp() * 1_000_000))}.json")
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert json.loads(response.content)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_with_a_time_range_has_a_field_to_select_it(get: Get, entry: PageEntry, now: datetime) -> None:
    page = get(page_address(entry, round(now.timestamp() * 1_000_000)))
    assert len(page.all("select", id="since")) == entry.has_time_range


def test_navigation_lists_the_pages_in_order_with_the_same_time_range(get: Get) -> None:
    links = [link for link in get("/overview?since=4h").all("a") if link.text in titles()][: len(IN_NAVIGATION)]
    assert [link.text for link in links] == [entry.title for entry in IN_NAVIGATION]
    assert [link.attributes["href"] for link in links] == [
        f"{entry.path}?since=4h" if entry.has_time_range else entry.path for entry in IN_NAVIGATION
    ]


@pytest.mark.parametrize("entry", REJECTING, ids=lambda entry: entry.title)
def test_error_page_offers_the_time_range_where_the_page_does(get: Get, entry: PageEntry, now: datetime) -> None:
    page = get(f"{page_address(entry, round(now.timestamp() * 1_000_000))}?since=banana&item=banana")
    assert page.status == 400
    assert len(page.all("select", id="since")) == entry.has_time_range


def titles() -> set[str]:
    return {entry.title for entry in IN_NAVIGATION}


def test_import_rules_list_the_packages_of_all_pages() -> None:
    packages = {entry.views.__module__.removesuffix(".views") for entry in PAGES}
    configuration = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"]: contract for contract in configuration["tool"]["importlinter"]["contracts"]}
    assert set(contracts["Pages of the portal do not import each other"]["modules"]) == packages
    assert set(contracts["Charts do not import pages"]["forbidden_modules"]) >= packages
