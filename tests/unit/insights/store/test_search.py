"""Search: one rule per test."""

import json
from dataclasses import replace

import anyio
import pytest

from local_insights.model.item import Item
from local_insights.model.item_key import item_key
from local_insights.model.search.parser import parse
from local_insights.model.search.search import Facet, FacetCount, Filters, Search, SearchHit
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.items import EMPTY_ITEM, MINUTE_US, NOON_US, call, request
from support.search_reference import found

MINUTE = TimeRange(NOON_US, NOON_US + MINUTE_US)
EVERYTHING = Search(MINUTE)


def append(store: Store, *items: Item) -> None:
    anyio.run(store.append, items)


def log(message: str, /, **fields: object) -> Item:
    return EMPTY_ITEM._replace(**{"message": message, **fields})  # type: ignore[arg-type]


def messages(page: list[SearchHit]) -> list[str]:
    return [hit.item.message for hit in page]


def search(text: str, filters: Filters | None = None) -> Search:
    return Search(MINUTE, parse(text), filters or {})


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "the Needle"},
        {"message": "the Needle"},
        {"data": "http://host/Needle"},
        {"target": "needle:80"},
        {"result_code": "needle"},
        {"problem_id": "Error at needle"},
        {"operation_id": "needle"},
        {"role_instance": "needle-1"},
        {"tags_json": '{"ai.session.id":"needle"}'},
        {"tags_json": '{"ai.user.authUserId":"a","ai.application.ver":"Needle 4.2.0"}'},
        {"details_json": '{"runLocation":"Needle"}'},
        {"properties_json": '{"key":"the Needle"}'},
        {"properties_json": json.dumps({"a": "x", "key": "a needle"})},
        {"exceptions_json": '[{"typeName":"Error","message":"a\\nneedle"}]'},
        {"exceptions_json": '[{"typeName":"Error","parsedStack":[{"level":0,"method":"needle"}]}]'},
    ],
)
def test_every_searched_text_matches(store: Store, fields: dict[str, str]) -> None:
    append(store, log("hay"), log("more hay", **fields))
    assert len(store.search_items(search("needle"), 10)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"message": "needles"},
        {"message": "a_needle"},
        {"operation_id": "a-needle"},
        {"properties_json": '{"needle":"hay"}'},
        {"properties_json": '{"key":"\\nneedles"}'},
        {"properties_json": '{"key":":","needle":"a"}'},
        {"exceptions_json": '[{"needle":1,"typeName":"x"}]'},
        {"measurements_json": '{"needle":1}'},
        {"tags_json": '{"needle":"hay"}'},
        {"role": "needle"},
        {"time_us": NOON_US - 1, "message": "needle"},
        {"time_us": NOON_US + MINUTE_US, "message": "needle"},
    ],
)
def test_parts_of_words_property_names_and_other_times_do_not_match(store: Store, fields: dict[str, str]) -> None:
    append(store, log("hay", **fields))
    assert store.search_items(search("needle"), 10) == []


@pytest.mark.parametrize("text", ["100%_a", "50% off", r"C:\new", "[0-9]+", "a.c", "it's; --", "$like_1", "{n}"])
def test_special_characters_match_literally(store: Store, text: str) -> None:
    stored = [
        log(text),
        log("100Xya 500 off C:new 7 abc"),
        EMPTY_ITEM._replace(properties_json=json.dumps({"k": text})),
    ]
    append(store, *stored)
    requested = search(f'"{text}"')
    assert (
        {hit.item for hit in store.search_items(requested, 10)}
        == set(found(stored, requested))
        == {stored[0], stored[2]}
    )


def test_hits_are_newest_first_with_a_stable_order_within_one_time(store: Store) -> None:
    append(store, *(log(f"{number}", time_us=NOON_US + number // 3) for number in range(9)))
    page = store.search_items(EVERYTHING, 10)
    assert [hit.cursor for hit in page] == sorted((hit.cursor for hit in page), reverse=True)
    assert [hit.item.time_us - NOON_US for hit in page] == [2, 2, 2, 1, 1, 1, 0, 0, 0]
    assert store.search_items(EVERYTHING, 10) == page


def test_paging_visits_every_item_once_while_items_arrive(store: Store) -> None:
    append(store, *(log(f"{number}", time_us=NOON_US + number // 4) for number in range(20)))
    whole = messages(store.search_items(EVERYTHING, 100))
    page = store.search_items(EVERYTHING, 3)
    visited = messages(page)
    while page:
        append(store, log("new", time_us=page[0].cursor.time_us), log("newest", time_us=NOON_US + 50))
        page = store.search_items(EVERYTHING, 3, before=page[-1].cursor)
        visited += [message for message in messages(page) if message != "new"]
    assert visited == whole


def test_paging_forward_returns_the_same_pages_as_paging_back(store: Store) -> None:
    append(store, *(log(f"{number}", time_us=NOON_US + number // 4) for number in range(20)))
    first = store.search_items(EVERYTHING, 5)
    second = store.search_items(EVERYTHING, 5, before=first[-1].cursor)
    third = store.search_items(EVERYTHING, 5, before=second[-1].cursor)
    assert store.search_items(EVERYTHING, 5, after=third[0].cursor) == second
    assert store.search_items(EVERYTHING, 5, after=second[0].cursor) == first
    assert store.search_items(EVERYTHING, 5, after=first[0].cursor) == []


def test_page_beyond_the_time_range_is_empty(store: Store) -> None:
    append(store, log("a"), log("b", time_us=NOON_US + 9))
    later, earlier = store.search_items(EVERYTHING, 10)
    moved = replace(EVERYTHING, time_range=TimeRange(NOON_US + MINUTE_US, NOON_US + 2 * MINUTE_US))
    assert store.search_items(moved, 10, before=earlier.cursor) == []
    past = replace(EVERYTHING, time_range=TimeRange(NOON_US - MINUTE_US, NOON_US))
    assert store.search_items(past, 10, after=later.cursor) == []


def test_values_of_a_facet_are_counted_without_its_own_filter(store: Store) -> None:
    append(
        store,
        request("frontend", "a1", item_count=10, result_code="200"),
        request("echo", "c1", item_count=5, result_code="500", success=False),
        call("frontend", "b1", item_count=3, result_code="200"),
        log("a line", role="echo", severity=3),
    )
    filters = {Facet.TYPE: frozenset({"request"}), Facet.ROLE: frozenset({"frontend"})}
    counts = store.search_counts(search("", filters), steps=2)
    assert (counts.items, counts.events, counts.steps) == (1, 10, (10, 0))
    assert counts.facets[Facet.TYPE] == (FacetCount("request", 10), FacetCount("dependency", 3))
    assert counts.facets[Facet.ROLE] == (FacetCount("frontend", 10), FacetCount("echo", 5))
    assert counts.facets[Facet.RESULT] == (FacetCount("200", 10),)
    assert counts.facets[Facet.SEVERITY] == ()


def test_facet_has_filtered_values_first_and_at_most_max_values(store: Store) -> None:
    append(store, *(log("a", role=f"role{number}", item_count=number) for number in range(1, 8)))
    counts = store.search_counts(search("", {Facet.ROLE: frozenset({"role1"})}), steps=1, max_values=3)
    assert [hit.value for hit in counts.facets[Facet.ROLE]] == ["role1", "role7", "role6"]


def test_counts_without_a_match_are_zero(store: Store) -> None:
    append(store, log("hay"))
    counts = store.search_counts(search("needle"), steps=3)
    assert (counts.items, counts.events, counts.steps) == (0, 0, (0, 0, 0))
    assert set(counts.facets.values()) == {()}


def test_new_items_count_by_row_also_when_they_are_late(store: Store) -> None:
    assert store.latest_row() == -1
    append(store, log("needle", time_us=NOON_US + 5))
    row = store.latest_row()
    assert store.count_new_items(search("needle"), row) == 0
    append(store, log("needle", time_us=NOON_US + 1), log("hay"), log("needle", role="echo"))
    assert store.count_new_items(search("needle"), row) == 2
    assert store.count_new_items(search("needle", {Facet.ROLE: frozenset({"echo"})}), row) == 1
    assert store.count_new_items(search("needle"), store.latest_row()) == 0


@pytest.mark.parametrize(
    ("message", "query"),
    [
        ("订单创建失败。用户编号12345", "订单"),
        ("订单创建失败。用户编号12345", "创建失败 12345"),
        ("注文の作成に失敗しました", "失敗"),
        ("주문이 실패했습니다", "주문"),
        ("deployed \N{ROCKET} to prod", "\N{ROCKET}"),
        ("   at Foo.Bar.Baz(String s) in C:\\x.cs:line 7", "Foo.Bar.Baz()"),
        ("at f (file.js:10:5)", "at f (file.js:10:5)"),
        ("expected ) after f(x", "f(x"),
        ("GET /x - 200", "GET /x - 200"),
    ],
)
def test_pasted_text_is_found_in_any_script(store: Store, message: str, query: str) -> None:
    append(store, log("hay"), log(message), log("", properties_json=json.dumps({"k": message}, ensure_ascii=False)))
    assert len(store.search_items(search(query), 10)) == 2


def test_key_of_an_item_is_the_same_in_every_engine(store: Store) -> None:
    stored = [
        log("é 語", severity=2, tags_json='{"ai.user.id":"u"}'),
        log("", value=751.0, value_count=3, value_min=0.1, value_max=1e300, item_count=7),
        request("frontend", "a1", duration_us=10**12, success=False),
    ]
    append(store, *stored)
    found_keys = {item_key(hit.item) for hit in store.search_items(EVERYTHING, 10)}
    assert found_keys == {item_key(item) for item in stored}
