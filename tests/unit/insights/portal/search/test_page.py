"""The search page and its JSON endpoint, with an in-memory store."""

import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import QueryFailedError, QueryTimeoutError
from support.fake_store import OPERATION_ID, FakeStore
from support.items import item
from support.portal_pages import Element, PageResponse

Get = Callable[..., PageResponse]


@pytest.fixture
def now_us(now: datetime) -> int:
    return round(now.timestamp() * 1_000_000)


@pytest.fixture
def logs(store: FakeStore, now_us: int) -> list[Item]:
    """Store 120 log lines, one per second, the newest one second ago, and no other items."""
    lines = [
        item(
            item_type=ItemType.TRACE,
            time_us=now_us - (120 - number) * 1_000_000,
            message=f"line {number}",
            severity=number % 5,
            role="echo" if number % 3 else "storage",
            item_count=2,
        )
        for number in range(120)
    ]
    store.items = {OPERATION_ID: lines}
    return lines


def state(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query)


def names(page: PageResponse) -> list[str]:
    return [words(cell) for cell in page.all("td", class_="wide")]


def words(element: Element) -> str:
    return " ".join(element.text.split())


def choice(page: PageResponse, name: str, value: str) -> Element:
    return page.one("input", type="checkbox", name_=name, value=value)


def label(page: PageResponse, text: str) -> str:
    """Return the text after the name of a choice."""
    (found,) = [words(entry) for entry in page.all("label") if words(entry).startswith(f"{text} ")]
    return found.removeprefix(f"{text} ")


def test_newest_items_are_first_with_a_summary_for_their_type(get: Get) -> None:
    page = get("/search")
    assert page.status == 200
    assert names(page)[:3] == [
        "2013: Lost connection to MySQL server during query",
        "retrying the statement, attempt 2 of 3",
        "INSERT",
    ]
    details = [words(cell) for cell in page.all("td", class_="details")]
    assert details[1:3] == ["Warning", "MySQL · 2013 · 302 ms"]
    assert words(page.one("h2", id="found")) == "9 results"


def test_item_links_to_itself_in_its_transaction(get: Get) -> None:
    links = [link.attributes["href"] for link in get("/search?q=INSERT").all("a") if words(link) == "INSERT"]
    (link,) = links
    assert urlsplit(link).path == f"/transaction/{OPERATION_ID}"
    assert get(link).one("h2", id="item-title").text == "INSERT"


def test_terms_are_marked_in_an_excerpt(get: Get) -> None:
    page = get("/search?q=entered_values+LIMIT")
    assert [mark.text for mark in page.all("mark")] == ["entered_values", "LIMIT"]
    assert words(page.one("bdi", class_="excerpt")) == (
        "command: SELECT id, value FROM entered_values ORDER BY id DESC LIMIT 10"
    )


def test_term_in_the_title_is_marked_without_an_excerpt(get: Get) -> None:
    page = get("/search?q=retrying")
    assert names(page) == ["retrying the statement, attempt 2 of 3"]
    assert page.one("mark").text == "retrying"
    assert not page.all("bdi", class_="excerpt")


def test_searched_operation_id_is_marked(get: Get) -> None:
    page = get(f"/search?q={OPERATION_ID.upper()}")
    assert {mark.text for mark in page.all("mark")} == {OPERATION_ID[:8]}
    assert len(names(page)) == 9


def test_failures_have_a_symbol_and_a_text(get: Get) -> None:
    pills = [words(pill) for pill in get("/search?success=false").all("span", class_="pill")]
    assert pills
    assert all(pill.endswith("✕ failed") for pill in pills)


def test_heading_has_the_number_of_represented_events(get: Get, logs: list[Item]) -> None:
    page = get("/search?since=5m")
    assert words(page.one("h2", id="found")) == f"{len(logs)} results representing {2 * len(logs)} events"
    assert label(page, "trace") == "240"
    assert label(page, "request") == "0"
    assert label(page, "echo") == "160"
    assert label(page, "Warning") == "48"


def test_filters_stay_chosen_and_apply(get: Get, logs: list[Item]) -> None:
    page = get("/search?role=storage&severity=2&severity=3&q=line")
    assert "checked" in choice(page, "role", "storage").attributes
    assert "checked" not in choice(page, "role", "echo").attributes
    assert "checked" in choice(page, "severity", "3").attributes
    shown = [entry for entry in logs if entry.role == "storage" and entry.severity in {2, 3}]
    assert names(page) == [entry.message for entry in reversed(shown)]
    assert page.one("input", id="query").attributes["value"] == "line"
    (link,) = [link.attributes["href"] for link in page.all("a") if words(link) == "Remove all filters"]
    assert state(link) == {"since": ["1h"], "q": ["line"]}


def test_filter_without_results_can_be_removed(get: Get) -> None:
    page = get("/search?role=unknown")
    assert "checked" in choice(page, "role", "unknown").attributes
    assert "No results in the last hour." in page.text


def test_pages_show_every_item_once_in_both_directions(get: Get, logs: list[Item]) -> None:
    newest = get("/search?since=5m")
    assert not newest.all("a", rel="prev")
    middle = get(newest.one("a", rel="next").attributes["href"])
    oldest = get(middle.one("a", rel="next").attributes["href"])
    assert not oldest.all("a", rel="next")
    assert names(newest) + names(middle) + names(oldest) == [entry.message for entry in reversed(logs)]
    assert names(get(oldest.one("a", rel="prev").attributes["href"])) == names(middle)
    back = get(middle.one("a", rel="prev").attributes["href"])
    assert names(back) == names(newest)
    assert not back.all("a", rel="prev")


@pytest.mark.usefixtures("logs")
def test_links_between_pages_preserve_the_search(get: Get) -> None:
    link = state(
        get("/search?since=5m&q=line&severity=1&severity=2&severity=3").one("a", rel="next").attributes["href"]
    )
    assert link.pop("before")
    assert link == {"since": ["5m"], "q": ["line"], "severity": ["1", "2", "3"]}


def test_page_beyond_all_items_links_to_the_newest(get: Get, logs: list[Item]) -> None:
    page = get(f"/search?since=5m&before={logs[0].time_us}-0")
    assert names(page) == []
    assert "No more results." in page.text


def test_another_time_range_preserves_the_search_without_the_cursor(get: Get, logs: list[Item]) -> None:
    page = get(f"/search?since=5m&q=line&role=echo&before={logs[60].time_us}-60")
    hidden = [field.attributes for field in page.all("input", type="hidden")]
    preserved = [(field["name"], field["value"]) for field in hidden]
    assert preserved[:2] == [("q", "line"), ("role", "echo")]
    assert "before" not in dict(preserved)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/search?q=a+%22b", "Character 3: The phrase that starts here"),
        ("/search?q=AND", "Character 1: AND needs a term on both sides."),
    ],
)
def test_syntax_error_is_shown_next_to_the_query(get: Get, path: str, message: str) -> None:
    page = get(f"{path}&role=echo")
    assert page.status == 400
    assert message in words(page.one("div", role="alert"))
    field = page.one("input", id="query")
    assert field.attributes["value"] == state(path)["q"][0]
    assert field.attributes["aria-invalid"] == "true"
    fields = page.all("input", name_="role", value="echo")
    assert [field.attributes["type"] for field in fields] == ["hidden", "hidden"], "with the time range, with the query"


def test_failed_search_shows_the_cause(get: Get, store: FakeStore) -> None:
    store.error = QueryFailedError("the file is damaged")
    page = get("/search?q=line")
    assert page.status == 503
    assert "the file is damaged" in page.one("div", id="search-error").text


def test_timed_out_search_links_to_a_shorter_time_range(get: Get, store: FakeStore) -> None:
    store.error = QueryTimeoutError("no result within 10 s")
    page = get("/search?q=line&role=echo&role=storage&since=1d&before=5-5")
    assert page.status == 503
    link = page.one("div", id="search-error")
    assert "since=12h" in link.text
    (href,) = [link.attributes["href"] for link in page.all("a") if words(link) == "Show the last 12 hours"]
    assert state(href) == {"q": ["line"], "role": ["echo", "storage"], "since": ["12h"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=banana", "Expected type=request"),
        ("success=maybe", "Expected success=true, false."),
        ("severity=9", "Expected severity=0"),
        ("before=5", "Expected before=<microseconds>-<row>"),
        ("before=5-5&after=5-5", "Expected one of them"),
        ("&".join(f"role=r{number}" for number in range(51)), "Expected 50 times at most."),
        ("since=banana", "Expected since="),
    ],
)
def test_invalid_parameter_is_rejected_with_the_expected_values(get: Get, query: str, expected: str) -> None:
    assert expected in get(f"/search?{query}").one("div", role="alert").text
    response = get(f"/search.json?{query}")
    assert response.status == 400
    assert expected in json.loads(response.content)["detail"]


def test_empty_store_shows_the_connection_string(get: Get, store: FakeStore) -> None:
    store.items, store.store_stats = {}, StoreStats(0, None, None)
    assert "IngestionEndpoint=http://127.0.0.1:8080" in get("/search").text


def test_search_without_results_has_hints(get: Get) -> None:
    page = get("/search?q=retries&role=echo")
    links = {words(link): state(link.attributes["href"]) for link in page.all("a")}
    assert links["Search without filters"] == {"since": ["1h"], "q": ["retries"]}
    assert links["Search the last day"] == {"since": ["1d"], "q": ["retries"], "role": ["echo"]}
    assert "“error” does not find “errors” or “error_code”" in page.text


def test_updates_count_items_stored_after_the_page(get: Get, store: FakeStore, logs: list[Item]) -> None:
    link = get("/search?q=line&role=echo").one("div", id="updates").attributes["hx-get"]
    assert get(link).status == 204
    store.items[OPERATION_ID] += [logs[1], logs[2]]
    updates = get(link)
    assert words(updates.one("a")) == "2 new items: show them"
    assert state(updates.one("a").attributes["href"]) == {"since": ["1h"], "q": ["line"], "role": ["echo"]}


@pytest.mark.parametrize("query", ["row=", "row=x", "row=1e9", "row=1&q=%22"])
def test_invalid_updates_request_is_rejected_with_400(get: Get, query: str) -> None:
    assert get(f"/search/updates?{query}").status == 400


def test_time_range_with_a_fixed_end_requests_no_updates(get: Get) -> None:
    page = get("/search?from=2026-01-31T13:00:00Z&to=2026-01-31T14:00:00Z")
    assert "hx-get" not in page.one("div", id="updates").attributes


def test_json_endpoint_pages_through_all_items(get: Get, logs: list[Item]) -> None:
    messages, link = [], "/search.json?since=5m&q=line&limit=50"
    while link:
        data = json.loads(get(link).content)
        assert (data["items_found"], data["events_found"], sum(data["steps"])) == (120, 240, 240)
        messages += [entry["message"] for entry in data["items"]]
        link = data["next"]
    assert messages == [entry.message for entry in reversed(logs)]


def test_json_endpoint_pages_towards_newer_items(get: Get, logs: list[Item]) -> None:
    data = json.loads(get(f"/search.json?since=5m&limit=100&after={logs[0].time_us}-0").content)
    assert [entry["message"] for entry in data["items"]] == [entry.message for entry in reversed(logs[1:101])]
    rest = json.loads(get(data["next"]).content)
    assert [entry["message"] for entry in rest["items"]] == [entry.message for entry in reversed(logs[101:])]
    assert rest["next"] is None


def test_json_endpoint_returns_all_fields_of_an_item(get: Get) -> None:
    data = json.loads(get("/search.json?q=INSERT&type=dependency").content)
    (insert,) = data["items"]
    assert insert["operation_id"] == OPERATION_ID
    assert (insert["type"], insert["result_code"], insert["duration_ms"]) == ("MySQL", "2013", 301.9)
    assert insert["properties"] == {"db.rows": 0, "pool": "storage-1"}
    assert data["facets"]["role"] == [{"value": "storage", "events": 1}]


@pytest.mark.parametrize("limit", ["0", "1001", "x", "-1"])
def test_json_endpoint_rejects_an_invalid_limit(get: Get, limit: str) -> None:
    assert get(f"/search.json?limit={limit}").status == 400


def test_parenthesis_without_counterpart_is_searched_with_a_hint(get: Get, store: FakeStore, now_us: int) -> None:
    store.items = {"": [item(item_type=ItemType.TRACE, operation_id="", time_us=now_us - 1, message="call f(x failed")]}
    page = get("/search?q=f(x")
    assert names(page) == ["call f(x failed"]
    assert "Character 2: this ( has no counterpart" in page.text
    assert json.loads(get("/search.json?q=f(x").content)["hints"][0].startswith("Character 2")
    assert json.loads(get("/search.json?q=failed()").content)["hints"] == []


def test_user_id_is_found_and_named(get: Get, store: FakeStore, now_us: int) -> None:
    tags = '{"ai.user.authUserId":"auth-user-1"}'
    store.items = {"": [item(operation_id="", time_us=now_us - 1, name="GET /", tags_json=tags)]}
    assert words(get("/search?q=auth-user-1").one("bdi", class_="excerpt")) == "Authenticated user ID: auth-user-1"
