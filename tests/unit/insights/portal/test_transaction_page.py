import json
from collections.abc import Callable

import pytest
from canned_store import LOST_CONNECTION, OPERATION_ID, CannedStore, item
from portal_pages import Answer, Element

from local_insights.model.item import ItemType
from local_insights.model.transaction import transaction
from local_insights.portal.gantt import DEEPEST_INDENT, gantt_rows
from local_insights.portal.item_details import VALUE_LIMIT
from local_insights.store.contract import Subject

Ask = Callable[..., Answer]
PAGE = f"/transaction/{OPERATION_ID}"


def rows(page: Answer) -> list[Element]:
    return page.all("a", class_="gantt-row")


def words(element: Element) -> str:
    return " ".join(element.text.split())


def test_items_are_rows_in_the_order_of_cause_and_time(ask: Ask) -> None:
    page = ask(PAGE)
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


def test_bars_are_placed_as_shares_of_the_whole(ask: Ask) -> None:
    bars = [bar.attributes for bar in ask(PAGE).all("rect")]
    assert (bars[0]["x"], bars[0]["width"]) == ("0.0%", "100.0%")
    assert (bars[1]["x"], bars[1]["width"]) == ("0.485%", "1.551%")


def test_failures_are_told_in_words_not_by_colour_alone(ask: Ask) -> None:
    failed = [words(row) for row in rows(ask(PAGE)) if "failed" in row.attributes["class"].split()]
    assert len(failed) == 5
    assert all("✕ failed" in row for row in failed)


def test_the_page_opens_at_the_first_failure(ask: Ask) -> None:
    page = ask(PAGE)
    assert [row.attributes["href"] for row in rows(page) if "aria-current" in row.attributes] == ["?item=1"]


def test_a_transaction_without_failure_opens_at_its_beginning(ask: Ask, store: CannedStore) -> None:
    store.items = {OPERATION_ID: [item(time_us=1, duration_us=5, id="a", name="GET /", success=True)]}
    assert ask(PAGE).one("aside", id="details").text.split()[:2] == ["GET", "/"]


def test_the_selected_item_shows_everything_known_of_it(ask: Ask) -> None:
    page = ask(f"{PAGE}?item=7")
    assert words(page.one("aside", id="details")).startswith("INSERT ✕ dependency · failed")
    facts = {name.text: value.text for name, value in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert facts == {
        "Role": "storage",
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


def test_an_exception_shows_its_stack_a_line_a_frame(ask: Ask) -> None:
    stack = ask(f"{PAGE}?item=8").one("pre", class_="stack").text
    assert stack.startswith(f"{LOST_CONNECTION['typeName']}: {LOST_CONNECTION['message']}")
    assert stack.splitlines()[1:] == ["insert (/app/storage/values.py:42)", "execute (/app/storage/database.py:17)"]


def test_a_part_of_the_page_is_answered_alone_and_never_mistaken_for_the_whole(ask: Ask) -> None:
    part = ask(f"{PAGE}?item=7", {"HX-Request": "true", "HX-Target": "aside#details"})
    assert part.one("aside", id="details")
    assert not part.all("html")
    assert part.headers["vary"] == "HX-Target"


@pytest.mark.parametrize("number", ["0", "10", "x", "-1", "9" * 5000])
def test_an_item_that_does_not_exist_is_refused(ask: Ask, number: str) -> None:
    page = ask(f"{PAGE}?item={number}")
    assert page.status == 400
    assert "Expected item=1 to item=9." in page.one("div", role="alert").text


def test_an_unknown_operation_is_explained(ask: Ask) -> None:
    page = ask("/transaction/deadbeef")
    assert page.status == 404
    alert = page.one("div", role="alert").text
    assert "deadbeef" in alert
    assert "a second behind" in alert


def test_an_unknown_operation_is_a_problem_for_programs(ask: Ask) -> None:
    answer = ask("/transaction/deadbeef.json")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_an_operation_id_is_found_whatever_its_case(ask: Ask) -> None:
    assert ask(PAGE.upper().replace("/TRANSACTION", "/transaction")).status == 200


def test_an_operation_id_may_hold_a_slash(ask: Ask, store: CannedStore) -> None:
    store.items = {"a/b c": [item(time_us=1, name="odd", operation_id="a/b c")]}
    assert ask("/transaction/a%2Fb%20c").status == 200
    assert json.loads(ask("/transaction/a%2Fb%20c.json").content)["operation_id"] == "a/b c"


def test_the_twin_has_every_item_in_tree_order(ask: Ask) -> None:
    document = json.loads(ask(f"{PAGE}.json").content)
    assert document["operation_id"] == OPERATION_ID
    assert [entry["role"] for entry in document["items"][:5]] == ["frontend", "frontend", "echo", "frontend", "storage"]


def test_an_item_without_duration_is_a_mark_and_deep_trees_keep_room_for_titles() -> None:
    chain = [
        item(time_us=depth, duration_us=1, id=f"s{depth}", parent_id=f"s{depth - 1}" if depth else "")
        for depth in range(60)
    ]
    mark = item(time_us=70, item_type=ItemType.TRACE, message="note", parent_id="s0")
    whole = transaction(OPERATION_ID, [*chain, mark])
    assert whole is not None
    laid_out = gantt_rows(whole, 1)
    assert max(row.indent for row in laid_out) == DEEPEST_INDENT
    assert [row.width_percent for row in laid_out if row.kind == ItemType.TRACE] == [None]


def test_a_transaction_of_no_length_still_has_bars_within_the_chart(ask: Ask, store: CannedStore) -> None:
    store.items = {OPERATION_ID: [item(time_us=5, duration_us=0, id="a", name="instant")]}
    bar = ask(PAGE).one("rect").attributes
    assert (bar["x"], bar["width"]) == ("0.0%", "0.0%")


def test_a_very_long_value_is_cut_on_the_page_and_whole_in_the_twin(ask: Ask, store: CannedStore) -> None:
    long = "x" * 1_000_000
    store.items = {OPERATION_ID: [item(time_us=1, item_type=ItemType.TRACE, message=long)]}
    page = ask(PAGE)
    assert len(page.content) < 2 * VALUE_LIMIT
    assert "1,000,000 characters" in page.text
    assert json.loads(ask(f"{PAGE}.json").content)["items"][0]["message"] == long


def test_the_list_shows_the_newest_operations(ask: Ask) -> None:
    page = ask("/transaction")
    links = [link.attributes["href"] for link in page.all("a") if link.attributes["href"].startswith("/transaction/")]
    assert links[0] == PAGE
    assert len(links) == 12


def test_the_list_can_be_narrowed_to_failures_and_to_a_component(ask: Ask, store: CannedStore) -> None:
    page = ask("/transaction?failed=1&node=role:storage&since=4h")
    assert [row.text for row in page.all("td") if "completed" in row.text] == []
    assert "through storage" in [words(pill) for pill in page.all("span", class_="pill")]
    (question,) = [about for name, about in store.asked if name == "recent_operations"]
    assert isinstance(question, tuple)
    assert question[1:] == (Subject("role", "storage"), True)


def test_an_empty_list_says_what_to_do(ask: Ask, store: CannedStore) -> None:
    store.summaries = []
    assert "Choose a longer time range" in ask("/transaction").text
