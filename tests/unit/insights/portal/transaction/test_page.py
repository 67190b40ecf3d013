import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import NodeRef
from local_insights.model.transaction import transaction
from local_insights.portal.item_details import VALUE_LIMIT
from local_insights.portal.links import item_link
from local_insights.portal.transaction.gantt import DEEPEST_INDENT, gantt_rows
from local_insights.portal.transaction.page import ROWS
from support.fake_store import LOST_CONNECTION, OPERATION_ID, FakeStore
from support.items import item
from support.portal_pages import Element, PageResponse

Get = Callable[..., PageResponse]
PAGE = f"/transaction/{OPERATION_ID}"


def rows(page: PageResponse) -> list[Element]:
    return page.all("a", class_="gantt-row")


def words(element: Element) -> str:
    return " ".join(element.text.split())


def test_rows_are_in_tree_order(get: Get) -> None:
    page = get(PAGE)
    assert page.status == 200
    titles = [words(name) for name in page.all("bdi", class_="name")]
    assert titles[:6] == [
        "request POST /values",
        "dependency POST /echo",
        "request POST /echo",
        "dependency POST /values",
        "request POST /values",
        "dependency SELECT",
    ]
    indents = [row.attributes["class"].split()[-1] for row in page.all("span", class_="event")]
    assert indents[:6] == ["indent-0", "indent-1", "indent-2", "indent-1", "indent-2", "indent-3"]


def test_bars_have_positions_in_percent_of_the_whole(get: Get) -> None:
    bars = [bar.attributes for bar in get(PAGE).all("rect")]
    assert (bars[0]["x"], bars[0]["width"]) == ("0.0%", "100.0%")
    assert (bars[1]["x"], bars[1]["width"]) == ("0.485%", "1.551%")


def test_failures_have_a_text_in_addition_to_a_colour(get: Get) -> None:
    failed = [words(row) for row in rows(get(PAGE)) if "failed" in row.attributes["class"].split()]
    assert len(failed) == 5
    assert all("✕ failed" in row for row in failed)


def test_first_failure_is_selected_by_default(get: Get) -> None:
    page = get(PAGE)
    assert [row.attributes["href"] for row in rows(page) if "aria-current" in row.attributes] == ["?item=1"]


def test_first_item_is_selected_when_none_failed(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: [item(time_us=1, duration_us=5, id="a", name="GET /", success=True)]}
    assert get(PAGE).one("aside", id="details").text.split()[:2] == ["GET", "/"]


def test_details_show_the_fields_of_the_selected_item(get: Get) -> None:
    page = get(f"{PAGE}?item=7")
    assert words(page.one("aside", id="details")).startswith("INSERT ✕ dependency · failed")
    fields = {name.text: value.text for name, value in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert fields == {
        "Role": "storage",
        "Role instance": "vm",
        "Result code": "2013",
        "Start": "+88 ms",
        "Time": "2026-01-31 13:59:58.088 UTC",
        "Duration": "302 ms",
        "Type": "MySQL",
        "Target": "127.0.0.1:3306 | mesh",
        "Command": "INSERT INTO entered_values (value) VALUES (%s)",
        "Id": "d2",
        "Parent id": "c2",
        "db.rows": "0",
        "pool": "storage-1",
    }


def test_exception_shows_one_line_per_stack_frame(get: Get) -> None:
    page = get(f"{PAGE}?item=8")
    assert words(page.one("p", class_="error-line")) == f"{LOST_CONNECTION['typeName']}: {LOST_CONNECTION['message']}"
    frames = page.one("ol", class_="frames").text.split("\n")
    assert [frame.strip() for frame in frames if frame.strip()] == [
        "insert /app/storage/values.py:42",
        "execute /app/storage/database.py:17",
    ]


def test_unparsed_stack_is_shown_as_sent(get: Get, store: FakeStore) -> None:
    raw = json.dumps([{"typeName": "E", "stack": "line 1\n  line 2"}])
    store.items = {OPERATION_ID: [item(time_us=1, item_type=ItemType.EXCEPTION, exceptions_json=raw)]}
    assert get(PAGE).one("pre", class_="stack").text == "line 1\n  line 2"


def test_htmx_request_returns_a_part_that_is_cached_separately(get: Get) -> None:
    part = get(f"{PAGE}?item=7", {"HX-Request": "true", "HX-Target": "aside#details"})
    assert part.one("aside", id="details")
    assert not part.all("html")
    assert part.headers["vary"] == "HX-Target"


@pytest.mark.parametrize("number", ["0", "10", "x", "-1", "9" * 5000])
def test_unknown_item_number_is_rejected(get: Get, number: str) -> None:
    page = get(f"{PAGE}?item={number}")
    assert page.status == 400
    assert "Expected item=1 to item=9." in page.one("div", role="alert").text


def test_unknown_operation_is_explained(get: Get) -> None:
    page = get("/transaction/deadbeef")
    assert page.status == 404
    alert = page.one("div", role="alert").text
    assert "deadbeef" in alert
    assert "not sampled" in alert


def test_unknown_operation_is_a_problem_document_as_json(get: Get) -> None:
    response = get("/transaction/deadbeef.json")
    assert (response.status, response.headers["content-type"]) == (404, "application/problem+json")


def test_operation_id_is_case_insensitive(get: Get) -> None:
    assert get(PAGE.upper().replace("/TRANSACTION", "/transaction")).status == 200


def test_operation_id_can_contain_a_slash(get: Get, store: FakeStore) -> None:
    store.items = {"a/b c": [item(time_us=1, name="slash", operation_id="a/b c")]}
    assert get("/transaction/a%2Fb%20c").status == 200
    assert json.loads(get("/transaction/a%2Fb%20c.json").content)["operation_id"] == "a/b c"


def test_json_has_every_item_in_tree_order(get: Get) -> None:
    document = json.loads(get(f"{PAGE}.json").content)
    assert document["operation_id"] == OPERATION_ID
    assert [entry["role"] for entry in document["items"][:5]] == ["frontend", "frontend", "echo", "frontend", "storage"]


def test_item_without_duration_is_a_mark_and_indent_is_limited() -> None:
    chain = [
        item(time_us=depth, duration_us=1, id=f"s{depth}", parent_id=f"s{depth - 1}" if depth else "")
        for depth in range(60)
    ]
    mark = item(time_us=70, item_type=ItemType.TRACE, message="note", parent_id="s0")
    whole = transaction(OPERATION_ID, [*chain, mark])
    assert whole is not None
    laid_out = gantt_rows(whole)
    assert max(row.indent for row in laid_out) == DEEPEST_INDENT
    assert [row.width_percent for row in laid_out if row.kind == ItemType.TRACE] == [None]


def test_transaction_without_length_has_bars_within_the_chart(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: [item(time_us=5, duration_us=0, id="a", name="instant")]}
    assert (get(PAGE).one("svg", class_="mark").attributes["x"], get(PAGE).one("rect").attributes["width"]) == (
        "0.0%",
        "2",
    )


def test_long_value_is_cut_on_the_page_and_whole_in_the_json(get: Get, store: FakeStore) -> None:
    long = "x" * 1_000_000
    store.items = {OPERATION_ID: [item(time_us=1, item_type=ItemType.TRACE, message=long)]}
    page = get(PAGE)
    assert len(page.content) < 2 * VALUE_LIMIT
    assert "1,000,000 characters" in page.text
    assert json.loads(get(f"{PAGE}.json").content)["items"][0]["message"] == long


def test_list_shows_the_newest_operations(get: Get) -> None:
    page = get("/transaction")
    links = [link.attributes["href"] for link in page.all("a") if link.attributes["href"].startswith("/transaction/")]
    assert links[0] == PAGE
    assert len(links) == 12


def test_list_can_be_filtered_by_failures_and_component(get: Get, store: FakeStore) -> None:
    page = get("/transaction?failed=1&node=role:storage&since=4h")
    assert [row.text for row in page.all("td") if "completed" in row.text] == []
    assert "through storage" in [words(pill) for pill in page.all("span", class_="pill")]
    (arguments,) = [arguments for name, arguments in store.queries if name == "recent_operations"]
    assert arguments[1:] == (NodeRef("role", "storage"), True)


def test_empty_list_suggests_a_longer_time_range(get: Get, store: FakeStore) -> None:
    store.summaries = []
    assert "Select a longer time range" in get("/transaction").text


def chain_of(count: int) -> list[Item]:
    """Return a request with `count - 1` calls, one after the other."""
    calls = [
        item(
            time_us=number * 1_000,
            duration_us=900,
            item_type=ItemType.DEPENDENCY,
            id=f"c{number}",
            parent_id="root",
            name=f"call {number}",
            success=True,
        )
        for number in range(1, count)
    ]
    return [item(time_us=0, duration_us=count * 1_000, id="root", name="GET /all", success=True), *calls]


def test_folded_subtree_shows_the_number_of_hidden_items(get: Get) -> None:
    page = get(f"{PAGE}?item=1&fold=5")
    titles = [words(row).split(" ✕")[0] for row in page.all("a", class_="gantt-row")]
    assert len(titles) == 5
    assert "+4" in page.text
    toggles = {link.attributes["aria-expanded"]: link.attributes["href"] for link in page.all("a", class_="fold")}
    assert toggles["false"] == "?item=1&page=1"
    assert "Unfold all" in page.text


def test_folding_preserves_other_folded_items(get: Get) -> None:
    toggles = [link.attributes["href"] for link in get(f"{PAGE}?item=1&fold=2").all("a", class_="fold")]
    assert "?item=1&fold=2,4&page=1" in toggles


def test_only_items_with_a_subtree_can_be_folded(get: Get) -> None:
    assert len(get(PAGE).all("a", class_="fold")) == 5
    assert not get(f"{PAGE}?fold=6").all("a", aria_expanded="false")


@pytest.mark.parametrize("query", ["fold=x", "fold=0", "fold=99", "page=0", "page=x"])
def test_invalid_row_number_is_rejected(get: Get, query: str) -> None:
    page = get(f"{PAGE}?{query}")
    assert page.status == 400
    assert query in page.one("div", role="alert").text


def test_thousands_of_items_are_split_into_pages(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: chain_of(2 * ROWS + 200)}
    first, last = get(PAGE), get(f"{PAGE}?page=3")
    assert (len(rows(first)), len(rows(last))) == (ROWS, 200)
    assert "Rows 1 to 500 of 1,200" in first.text
    assert [link.attributes["href"] for link in first.all("a", rel="next")] == ["?item=1&page=2"]
    assert [link.attributes["href"] for link in last.all("a", rel="prev")] == ["?item=1&page=2"]
    assert not first.all("a", rel="prev")
    assert not last.all("a", rel="next")


def test_default_page_of_rows_contains_the_selected_item(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: chain_of(2 * ROWS)}
    selected = get(f"{PAGE}?item=700")
    assert [words(row) for row in rows(selected) if "aria-current" in row.attributes] != []
    assert "Rows 501 to 1,000" in selected.text
    assert "Rows 1 to 1 of 1" in get(f"{PAGE}?item=700&fold=1").text


def test_missing_parent_has_a_row(get: Get, store: FakeStore) -> None:
    lost = [entry for entry in store.items[OPERATION_ID] if entry.id != "b2"]
    store.items = {OPERATION_ID: lost}
    page = get(PAGE)
    assert words(page.one("li", class_="missing")) == "?missing parent b2 has not arrived (1 item below)"
    assert len(rows(page)) == len(lost)


def test_corrected_clock_is_shown_in_the_row_and_in_the_details(get: Get, store: FakeStore) -> None:
    store.items = {
        OPERATION_ID: [
            entry._replace(time_us=entry.time_us + 4_200_000) if entry.role == "storage" else entry
            for entry in store.items[OPERATION_ID]
        ]
    }
    page = get(f"{PAGE}?item=5")
    assert len(page.all("span", class_="clock")) == 5
    assert "clock corrected: shown 4.2 s earlier" in page.one("aside", id="details").text
    assert "The clock of storage" in page.text
    assert json.loads(get(f"{PAGE}.json").content)["items"][4]["clock_shift_ms"] == -4_201


def test_surroundings_link_covers_five_minutes_before_and_after(get: Get) -> None:
    (link,) = (link for link in get(f"{PAGE}?surrounding=1").all("a") if "Search all telemetry" in link.text)
    parameters = parse_qs(urlsplit(link.attributes["href"]).query)
    assert parameters["from"] == ["2026-01-31T13:54:58+00:00"]
    assert parameters["to"] == ["2026-01-31T14:04:58.412600+00:00"]


def test_all_fields_of_an_item_are_shown(get: Get, store: FakeStore) -> None:
    fields = {
        "operation_name": "nightly",
        "source": "cid-v1:1",
        "problem_id": "E at main",
        "sdk_version": "py:1",
        "tags_json": '{"ai.user.id": "u1"}',
        "sent_json": '{"id": "|t.s."}',
        "details_json": '{"handledAt": "main"}',
        "measurements_json": '{"rows": 3}',
        "value": 1.5,
        "value_count": 2,
        "value_min": 0.5,
        "value_max": 1.0,
        "value_std_dev": 0.25,
    }
    store.items = {OPERATION_ID: [item(time_us=1, name="all", **fields)]}
    values = [value.text for value in get(PAGE).all("dd")]
    for shown in (
        "nightly",
        "cid-v1:1",
        "E at main",
        "py:1",
        "u1",
        "|t.s.",
        "main",
        "3",
        "1.5",
        "2",
        "0.5",
        "1",
        "0.25",
    ):
        assert shown in values


def test_item_beyond_the_items_that_are_read_is_shown_in_the_details(
    get: Get, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_insights.portal.transaction.views.ITEM_LIMIT", 5)
    monkeypatch.setattr("local_insights.portal.transaction.page.ITEM_LIMIT", 5)
    last = store.items[OPERATION_ID][-2]
    page = get(item_link(last))
    assert (len(rows(page)), page.one("h2", id="item-title").text) == (5, last.name)
    assert "it has no row" in page.text
    other = last._replace(operation_id="other")
    store.items["other"] = [other]
    page = get(item_link(other).replace("other", OPERATION_ID))
    assert page.one("h2", id="item-title").text == "POST /values"
