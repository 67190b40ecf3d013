"""The page and the JSON endpoint of one item."""

import json
from collections.abc import Callable

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.item_key import item_key
from local_insights.portal import item_lookup
from local_insights.portal.item_lookup import find_item
from local_insights.store.memory.store import MemoryStore
from support.fake_store import OPERATION_ID, FakeStore
from support.items import NOON_US, item
from support.portal_pages import PageResponse

Get = Callable[..., PageResponse]
ERROR = {"typeName": "ZeroDivisionError", "message": "division by zero", "parsedStack": [{"method": "work", "line": 7}]}
EXCEPTION = item(
    item_type=ItemType.EXCEPTION,
    operation_id="",
    time_us=NOON_US,
    name="ZeroDivisionError",
    exceptions_json=json.dumps([ERROR]),
    tags_json='{"ai.user.id":"u-77","ai.session.id":"s-77","ai.own":"x"}',
    measurements_json='{"attempts":3}',
    properties_json='{"tenant":"tailspin"}',
    sent_json='{"id":"|A.1."}',
)
METRIC = item(
    item_type=ItemType.CUSTOM_METRIC,
    operation_id="",
    time_us=NOON_US,
    name="latency",
    value=751.0,
    value_count=3,
    value_min=1.0,
    value_max=700.0,
    value_std_dev=5.0,
)
AVAILABILITY = item(
    item_type=ItemType.AVAILABILITY_RESULT,
    operation_id="",
    time_us=NOON_US,
    name="ping",
    success=False,
    message="no response",
    details_json='{"runLocation":"Berlin"}',
)


@pytest.fixture
def open_item(get: Get, store: FakeStore) -> Callable[[Item], PageResponse]:
    def open_item(shown: Item) -> PageResponse:
        store.items = {"": [EXCEPTION, METRIC, AVAILABILITY], "4bf9": [shown]}
        return get(f"/item/{item_key(shown)}")

    return open_item


def fields_of(page: PageResponse) -> dict[str, str]:
    return {name.text: value.text for name, value in zip(page.all("dt"), page.all("dd"), strict=True)}


def test_exception_shows_its_frames_and_all_fields(open_item: Callable[[Item], PageResponse]) -> None:
    page = open_item(EXCEPTION)
    assert page.one("h2", id="item-title").text == "ZeroDivisionError"
    assert page.one("ol", class_="frames").text.split() == ["work"]
    assert fields_of(page).items() >= {
        "User ID": "u-77",
        "Session ID": "s-77",
        "ai.own": "x",
        "attempts": "3",
        "tenant": "tailspin",
        "id": "|A.1.",
        "Time": "2026-11-23 12:00:00.000 UTC",
    }.items()  # fmt: skip
    assert '"ai.session.id": "s-77"' in page.one("pre", class_="stack").text
    assert "End-to-end transaction" not in [link.text for link in page.all("a")]


def test_aggregated_metric_shows_count_average_and_range(open_item: Callable[[Item], PageResponse]) -> None:
    assert fields_of(open_item(METRIC)).items() >= {
        "Count": "3",
        "Average": "250.3333",
        "Sum": "751",
        "Minimum": "1",
        "Maximum": "700",
        "Standard deviation": "5",
    }.items()  # fmt: skip


def test_availability_result_shows_its_location(open_item: Callable[[Item], PageResponse]) -> None:
    fields = fields_of(open_item(AVAILABILITY))
    assert (fields["runLocation"], fields["Message"]) == ("Berlin", "no response")


def test_item_with_an_operation_links_to_its_transaction_and_back(
    open_item: Callable[[Item], PageResponse], get: Get
) -> None:
    stored = item(operation_id="4bf9", name="GET /", time_us=NOON_US)
    (link,) = [link for link in open_item(stored).all("a") if link.text == "End-to-end transaction"]
    transaction = get(link.attributes["href"])
    assert transaction.one("h2", id="item-title").text == "GET /"
    (back,) = [link for link in transaction.all("a") if link.text == "Item details"]
    assert back.attributes["href"] == f"/item/{item_key(stored)}"


def test_json_has_all_fields_and_the_envelope(get: Get, store: FakeStore) -> None:
    store.items = {"": [METRIC, AVAILABILITY, EXCEPTION]}
    metric = json.loads(get(f"/item/{item_key(METRIC)}.json").content)
    assert (metric["value_count"], metric["value_min"], metric["value_max"], metric["value_std_dev"]) == (3, 1, 700, 5)
    assert metric["envelope"]["data"]["baseData"]["metrics"][0]["count"] == 3
    assert metric["operation_id"] is None
    error = json.loads(get(f"/item/{item_key(EXCEPTION)}.json").content)
    assert error["tags"]["ai.user.id"] == "u-77"
    assert error["exceptions"][0]["frames"] == [{"method": "work", "place": ""}]


@pytest.mark.parametrize("key", ["unknown", "1-0123456789abcdef", f"{NOON_US}-0123456789abcdef", "9" * 30, "%00"])
def test_unknown_key_gets_404(get: Get, key: str) -> None:
    page = get(f"/item/{key}")
    assert (page.status, page.one("h1").text) == (404, "Item not found")
    assert get(f"/item/{key}.json").status == 404


def test_item_is_found_among_many_of_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_lookup, "ITEMS_PER_QUERY", 2)
    items = [METRIC._replace(name=f"metric {number}") for number in range(7)]
    store = MemoryStore(items)
    assert [find_item(store, item_key(stored)) for stored in items] == items


def test_search_row_of_an_item_without_operation_opens_its_details(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: [EXCEPTION, METRIC, AVAILABILITY]}
    page = get("/search?from=2026-11-23T11:00&to=2026-11-23T13:00")
    links = {link.attributes["href"] for link in page.all("a") if link.attributes["href"].startswith("/item/")}
    assert links == {f"/item/{item_key(stored)}" for stored in (EXCEPTION, METRIC, AVAILABILITY)}
    assert "count 3 · average 250.3333 · min 1 · max 700" in page.text


def test_samples_of_failures_include_items_without_operation(get: Get, store: FakeStore) -> None:
    store.items = {"": [EXCEPTION]}
    url = "/failures{}?from=2026-11-23T11:00&to=2026-11-23T13:00&tab=exceptions"
    assert f"/item/{item_key(EXCEPTION)}" in [link.attributes.get("href") for link in get(url.format("")).all("a")]
    (sample,) = json.loads(get(url.format(".json")).content)["samples"]
    assert (sample["link"], sample["operation_id"]) == (f"/item/{item_key(EXCEPTION)}", None)


def test_exception_of_a_type_without_meaning_has_its_message_as_title(get: Get, store: FakeStore) -> None:
    text = "Uncaught TypeError: x is null"
    thrown = EXCEPTION._replace(name=text, exceptions_json=json.dumps([{"typeName": "String", "message": text}]))
    store.items = {"": [thrown]}
    assert get(f"/item/{item_key(thrown)}").one("h2", id="item-title").text == text
