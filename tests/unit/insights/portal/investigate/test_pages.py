"""Overview, Performance and Failures as pages: rows, links, states."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from support.portal_pages import Element, PageResponse

Get = Callable[[str], PageResponse]
PAGES = ("/overview", "/performance", "/failures")


def parameters(link: Element) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link.attributes["href"]).query).items()}


def link_to(page: PageResponse, words: str) -> Element:
    return next(link for link in page.all("a") if " ".join(link.text.split()).startswith(words))


def words(element: Element) -> str:
    return " ".join(element.text.split())


@pytest.mark.parametrize("path", PAGES)
def test_page_has_its_place_in_the_navigation(get: Get, path: str) -> None:
    page = get(path)
    assert page.status == 200
    current = [link for link in page.all("a", aria_current="page") if link.attributes["href"].startswith(path)]
    assert len(current) == 1


@pytest.mark.parametrize("path", [*PAGES, "/failures?tab=exceptions", "/performance?tab=dependencies&role=orders"])
def test_links_keep_the_time_range(get: Get, path: str) -> None:
    page = get(f"{path}{'&' if '?' in path else '?'}since=4h")
    inward = ("/overview", "/performance", "/failures", "/map", "/search")
    links = [link for link in page.all("a") if link.attributes["href"].startswith(inward)]
    assert len(links) > 15
    assert {parameters(link).get("since") for link in links} == {"4h"}
    hidden = [field.attributes for field in page.all("input", type="hidden") if field.attributes["name"] == "since"]
    assert all(field["value"] == "4h" for field in hidden)


def test_rows_come_by_total_time_until_another_order_is_asked_for(get: Get) -> None:
    page = get("/performance")
    (sorted_by,) = page.all("th", aria_sort="descending")
    assert words(sorted_by) == "Total time ▾"
    by_name = get(link_to(page, "Name").attributes["href"])
    names = [row.text for row in by_name.all("td", class_="wide")][:9]
    assert names == sorted(names)
    reverse = get(link_to(by_name, "Name").attributes["href"])
    assert [row.text for row in reverse.all("td", class_="wide")][:9] != names
    assert words(reverse.one("th", aria_sort="descending")) == "Name ▾"


def test_a_row_is_selected_by_its_link_and_named_above_the_charts(get: Get) -> None:
    page = get("/performance?sort=name")
    selected = get(link_to(page, "POST /orders").attributes["href"])
    (row,) = selected.all("tr", class_="selected")
    assert "POST /orders" in row.text
    assert words(selected.one("h2", id="trend")).startswith("Duration of POST /orders")
    assert parameters(link_to(selected, "Show all operations")) == {"since": "1h", "sort": "name"}


def test_another_tab_keeps_the_role_and_selects_nothing(get: Get) -> None:
    page = get("/failures?role=orders&of=orders&name=POST+/orders")
    assert parameters(link_to(page, "Dependencies")) == {"since": "1h", "tab": "dependencies", "role": "orders"}


def test_the_choice_of_a_role_keeps_the_rest(get: Get) -> None:
    page = get("/performance?tab=dependencies&sort=p95&role=orders")
    hidden = {field.attributes["name"]: field.attributes["value"] for field in page.all("input", type="hidden")}
    assert hidden.items() >= {"tab": "dependencies", "sort": "p95", "since": "1h"}.items()
    assert [option.text for option in page.all("option")][-4:] == ["All roles", "catalogue", "frontend", "orders"]
    assert page.all("option", value="orders", selected="")


def test_what_is_shown_is_named_with_its_role(get: Get) -> None:
    assert words(get("/performance?role=orders").one("h2", id="trend")) == "Duration of all operations of orders"
    assert words(get("/failures?role=orders&tab=roles").one("h2", id="trend")) == "Failures of all roles"


def test_failures_of_a_selection_are_those_of_performance(get: Get) -> None:
    page = get("/performance?of=orders&name=POST+/orders&role=orders&sort=p95&samples=newest")
    assert parameters(link_to(page, "Investigate failures")) == {
        "since": "1h",
        "role": "orders",
        "of": "orders",
        "name": "POST /orders",
    }


def test_a_sample_opens_its_transaction_with_the_sample_selected(get: Get) -> None:
    page = get("/failures?tab=dependencies&type=MySQL")
    sample = next(link for link in page.all("a") if link.attributes["href"].startswith("/transaction/"))
    transaction = get(sample.attributes["href"])
    title = words(transaction.one("h2", id="item-title"))
    assert (title, sample.text) in {("SELECT", "SELECT"), ("INSERT", "INSERT")}
    assert "2013" in transaction.text


def test_an_exception_opens_its_transaction_with_the_exception_selected(get: Get) -> None:
    page = get("/failures?tab=exceptions&of=orders")
    sample = next(link for link in page.all("a") if link.attributes["href"].startswith("/transaction/"))
    transaction = get(sample.attributes["href"])
    assert words(transaction.one("h2", id="item-title")) == "mysql.connector.errors.OperationalError"


def test_what_fails_most_leads_to_its_own_row(get: Get) -> None:
    page = get("/failures?of=frontend&name=POST+/orders")
    there = get(link_to(page, "INSERT").attributes["href"])
    (row,) = there.all("tr", class_="selected")
    assert "INSERT" in row.text
    of_a_type = get(link_to(page, "mysql.connector").attributes["href"])
    assert words(of_a_type.one("h2", id="trend")) == "Failures of mysql.connector.errors.OperationalError"


def test_a_result_code_narrows_what_is_selected(get: Get) -> None:
    page = get("/failures?tab=dependencies")
    narrowed = get(link_to(page, "402").attributes["href"])
    assert words(narrowed.one("h2", id="trend")) == "Failures of result 402"
    samples = [link.text for link in narrowed.all("a") if link.attributes["href"].startswith("/transaction/")]
    assert set(samples) == {"POST /charges"}


def test_the_overview_leads_from_a_role_to_what_fails_there(get: Get) -> None:
    page = get("/overview")
    failures = get(page.one("a", aria_label="Failures of orders").attributes["href"])
    assert failures.all("option", value="orders", selected="")


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_store_shows_how_to_fill_it(get_empty: Get, path: str) -> None:
    page = get_empty(path)
    assert page.status == 200
    assert "No telemetry yet" in page.text
    assert "InstrumentationKey=" in page.one("pre", id="connection-string").text
    assert not page.all("svg", class_="chart")


@pytest.mark.parametrize("path", PAGES)
def test_older_telemetry_is_offered_on_the_same_page(get: Get, path: str) -> None:
    page = get(f"{path}?from=2026-01-31T20:00:00Z&to=2026-01-31T21:00:00Z")
    assert path in {urlsplit(link.attributes["href"]).path for link in page.all("a") if "Look at" in link.text}


def test_a_tab_without_rows_says_so_and_draws_no_figures(get: Get) -> None:
    page = get("/performance?tab=operations&role=nobody")
    assert "No operations of nobody in the last hour." in words(page.one("main"))
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
def test_a_question_that_cannot_be_read_is_refused_in_words(get: Get, query: str) -> None:
    page = get(f"/performance?{query}")
    assert page.status == 400
    assert "xpected" in page.one("div", role="alert").text
    twin = get(f"/performance.json?{query}")
    assert twin.status == 400
    assert twin.headers["content-type"] == "application/problem+json"
