"""The pages Overview, Performance and Failures: rows, links and states."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from local_insights.model.health import Level
from local_insights.model.item import ItemType
from local_insights.model.selection import Selection
from local_insights.model.statistics import CallStatistics
from local_insights.portal.investigate.call_table import Row
from support.portal_pages import Element, PageResponse

Get = Callable[[str], PageResponse]
PAGES = ("/overview", "/performance", "/failures")


def parameters(link: Element) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link.attributes["href"]).query).items()}


def link_to(page: PageResponse, label: str) -> Element:
    return next(link for link in page.all("a") if " ".join(link.text.split()).startswith(label))


def words(element: Element) -> str:
    return " ".join(element.text.split())


@pytest.mark.parametrize("path", PAGES)
def test_page_is_current_in_the_navigation(get: Get, path: str) -> None:
    page = get(path)
    assert page.status == 200
    current = [link for link in page.all("a", aria_current="page") if link.attributes["href"].startswith(path)]
    assert len(current) == 1


@pytest.mark.parametrize("path", [*PAGES, "/failures?tab=exceptions", "/performance?tab=dependencies&role=orders"])
def test_links_preserve_the_time_range(get: Get, path: str) -> None:
    page = get(f"{path}{'&' if '?' in path else '?'}since=4h")
    inward = ("/overview", "/performance", "/failures", "/map", "/search")
    links = [link for link in page.all("a") if link.attributes["href"].startswith(inward)]
    assert len(links) > 15
    assert {parameters(link).get("since") for link in links} == {"4h"}
    hidden = [field.attributes for field in page.all("input", type="hidden") if field.attributes["name"] == "since"]
    assert all(field["value"] == "4h" for field in hidden)


def test_rows_are_sorted_by_total_time_by_default(get: Get) -> None:
    page = get("/performance")
    (sorted_by,) = page.all("th", aria_sort="descending")
    assert words(sorted_by) == "Total time ▾"
    by_name = get(link_to(page, "Name").attributes["href"])
    names = [row.text for row in by_name.all("td", class_="wide")][:9]
    assert names == sorted(names)
    reverse = get(link_to(by_name, "Name").attributes["href"])
    assert [row.text for row in reverse.all("td", class_="wide")][:9] != names
    assert words(reverse.one("th", aria_sort="descending")) == "Name ▾"


def test_link_of_a_row_selects_it_and_the_charts_name_it(get: Get) -> None:
    page = get("/performance?sort=name")
    selected = get(link_to(page, "POST /orders").attributes["href"])
    (row,) = selected.all("tr", class_="selected")
    assert "POST /orders" in row.text
    assert words(selected.one("h2", id="trend")).startswith("Duration of POST /orders")
    assert parameters(link_to(selected, "Show all operations")) == {"since": "1h", "sort": "name"}


def test_link_of_a_tab_preserves_the_role_and_selects_no_row(get: Get) -> None:
    page = get("/failures?role=orders&row_role=orders&name=POST+/orders")
    assert parameters(link_to(page, "Dependencies")) == {"since": "1h", "tab": "dependencies", "role": "orders"}


def test_role_filter_preserves_the_other_parameters(get: Get) -> None:
    page = get("/performance?tab=dependencies&sort=p95&role=orders")
    hidden = {field.attributes["name"]: field.attributes["value"] for field in page.all("input", type="hidden")}
    assert hidden.items() >= {"tab": "dependencies", "sort": "p95", "since": "1h"}.items()
    assert [option.text for option in page.all("option")][-4:] == ["All roles", "catalogue", "frontend", "orders"]
    assert page.all("option", value="orders", selected="")


def test_heading_names_the_filtered_role(get: Get) -> None:
    assert words(get("/performance?role=orders").one("h2", id="trend")) == "Duration of all operations of orders"
    assert words(get("/failures?role=orders&tab=roles").one("h2", id="trend")) == "Failures of all roles"


def test_link_to_failures_preserves_the_selection(get: Get) -> None:
    page = get("/performance?row_role=orders&name=POST+/orders&role=orders&sort=p95&samples=newest")
    assert parameters(link_to(page, "Investigate failures")) == {
        "since": "1h",
        "role": "orders",
        "row_role": "orders",
        "name": "POST /orders",
    }


def test_sample_opens_its_transaction_with_the_item_selected(get: Get) -> None:
    page = get("/failures?tab=dependencies&type=MySQL")
    sample = next(link for link in page.all("a") if link.attributes["href"].startswith("/transaction/"))
    transaction = get(sample.attributes["href"])
    title = words(transaction.one("h2", id="item-title"))
    assert (title, sample.text) in {("SELECT", "SELECT"), ("INSERT", "INSERT")}
    assert "2013" in transaction.text


def test_exception_opens_its_transaction_with_the_exception_selected(get: Get) -> None:
    page = get("/failures?tab=exceptions&row_role=orders")
    sample = next(link for link in page.all("a") if link.attributes["href"].startswith("/transaction/"))
    transaction = get(sample.attributes["href"])
    assert words(transaction.one("h2", id="item-title")) == "mysql.connector.errors.OperationalError"


def test_top_entry_links_to_its_row(get: Get) -> None:
    page = get("/failures?row_role=frontend&name=POST+/orders")
    there = get(link_to(page, "INSERT").attributes["href"])
    (row,) = there.all("tr", class_="selected")
    assert "INSERT" in row.text
    of_a_type = get(link_to(page, "mysql.connector").attributes["href"])
    assert words(of_a_type.one("h2", id="trend")) == "Failures of mysql.connector.errors.OperationalError"


def test_result_code_filters_the_selection(get: Get) -> None:
    page = get("/failures?tab=dependencies")
    narrowed = get(link_to(page, "402").attributes["href"])
    assert words(narrowed.one("h2", id="trend")) == "Failures of result 402"
    samples = [link.text for link in narrowed.all("a") if link.attributes["href"].startswith("/transaction/")]
    assert set(samples) == {"POST /charges"}


def test_overview_links_to_the_failures_of_a_role(get: Get) -> None:
    page = get("/overview")
    failures = get(page.one("a", aria_label="Failures of orders").attributes["href"])
    assert failures.all("option", value="orders", selected="")


@pytest.mark.parametrize("path", PAGES)
def test_empty_store_shows_the_connection_string(get_empty: Get, path: str) -> None:
    page = get_empty(path)
    assert page.status == 200
    assert "No telemetry yet" in page.text
    assert "InstrumentationKey=" in page.one("pre", id="connection-string").text
    assert not page.all("svg", class_="chart")


@pytest.mark.parametrize("path", PAGES)
def test_page_without_data_links_to_older_telemetry(get: Get, path: str) -> None:
    page = get(f"{path}?from=2026-01-31T20:00:00Z&to=2026-01-31T21:00:00Z")
    assert path in {
        urlsplit(link.attributes["href"]).path for link in page.all("a") if link.text.startswith("Show the last")
    }


def test_tab_without_rows_has_a_note_and_empty_charts(get: Get) -> None:
    page = get("/performance?tab=operations&role=unknown")
    assert "No operations of unknown in the last hour." in words(page.one("main"))
    assert "no calls in this time" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "tab=pie",
        "tab=exceptions",
        "sort=colour",
        "order=up",
        "samples=p42",
        "shortest_ms=slow",
        "longest_ms=nan",
        "longest_ms=-1",
        "shortest_ms=5&longest_ms=5",
        "since=banana",
    ],
)
def test_invalid_parameter_is_rejected_with_the_expected_values(get: Get, query: str) -> None:
    page = get(f"/performance?{query}")
    assert page.status == 400
    assert "xpected" in page.one("div", role="alert").text
    response = get(f"/performance.json?{query}")
    assert response.status == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("selection", "label"),
    [
        (Selection(ItemType.EXCEPTION, role="shop", name=""), "(no name)"),
        (Selection(ItemType.DEPENDENCY, role="shop", name="", target="db"), "db"),
        (Selection(ItemType.REQUEST, role="shop"), "shop"),
        (Selection(ItemType.REQUEST, role=""), "(no name)"),
    ],
)
def test_group_without_a_name_does_not_have_that_of_its_role(selection: Selection, label: str) -> None:
    row = Row("", selection, CallStatistics(1), None, None, None, Level.OK, is_selected=False)
    assert row.name == label


def test_selection_without_a_name_is_stated(get: Get) -> None:
    page = get("/failures?tab=exceptions&row_role=orders&name=")
    assert "(no name) · orders" in page.text
