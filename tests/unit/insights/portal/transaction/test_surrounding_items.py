"""The items before and after a transaction, on its page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import SearchHit
from local_insights.portal.routes import portal_routes
from local_insights.portal.transaction.surrounding_items import MOST_ROWS
from local_insights.store.contract import QueryTimeoutError
from support.fake_store import OPERATION_ID, FakeStore
from support.items import item
from support.portal_pages import PageResponse, Portal

Get = Callable[..., PageResponse]
PAGE = f"/transaction/{OPERATION_ID}"
BEGAN_US = 1_769_868_000_000_000 - 2_000_000
"""The start of the failed operation of the fake store, which takes 0.4 s."""
SECOND_US, MINUTE_US = 1_000_000, 60_000_000


def other(offset_us: int, **fields: object) -> Item:
    """Return an item of another operation that starts `offset_us` after the transaction."""
    defaults = {"operation_id": f"{abs(offset_us):032x}", "name": "other", "role": "storage", "success": True}
    return item(time_us=BEGAN_US + offset_us, **(defaults | fields))


def shown(page: PageResponse) -> list[str]:
    """Return the text of the rows, without the table head."""
    table = page.elements.index(page.one("table", aria_labelledby="surrounding-title"))
    rows = [element for element in page.elements[table:] if element.name == "tr"][1:]
    return [" ".join(row.text.split()) for row in rows]


def surrounding(get: Get, store: FakeStore, *items: Item) -> PageResponse:
    store.items[""] = list(items)
    return get(f"{PAGE}?surrounding=1")


def test_surrounding_items_are_queried_only_on_request(get: Get, store: FakeStore) -> None:
    page = get(f"{PAGE}?item=2")
    assert "search_items" not in [name for name, _ in store.queries]
    (link,) = (link for link in page.all("a") if link.text == "5 min before and after")
    assert link.attributes["href"] == "?item=2&surrounding=1#surrounding"
    (back,) = (link for link in get(f"{PAGE}?item=2&surrounding=1").all("a") if link.text.startswith("Hide"))
    assert back.attributes["href"] == "?item=2"


def test_rows_are_sorted_by_time_with_the_transaction_between_them(get: Get, store: FakeStore) -> None:
    page = surrounding(
        get,
        store,
        other(12 * SECOND_US, name="after"),
        other(-2_300_000, name="nearer", success=False, result_code="500"),
        other(-90 * SECOND_US, name="farther"),
        other(100_000, name="meanwhile", item_type=ItemType.TRACE),
    )
    assert shown(page) == [
        "\N{MINUS SIGN}1.5 min request farther storage",
        "\N{MINUS SIGN}2.3 s ✕ request failed nearer storage 500",
        "0 ms this transaction · 413 ms",
        "+100 ms trace meanwhile storage",
        "+12 s request after storage",
    ]


def test_row_links_to_its_transaction(get: Get, store: FakeStore) -> None:
    page = surrounding(get, store, other(SECOND_US, id="a7"))
    (link,) = (link for link in page.all("a") if link.text == "other")
    assert urlsplit(link.attributes["href"]).path == f"/transaction/{SECOND_US:032x}"


@pytest.mark.parametrize(
    "item_",
    [
        other(SECOND_US, role="billing"),
        other(SECOND_US, item_type=ItemType.PERFORMANCE_COUNTER, value=1.0),
        other(-5 * MINUTE_US - 1),
        other(5 * MINUTE_US + 500_000),
    ],
    ids=["of another role", "metric", "too early", "too late"],
)
def test_item_outside_roles_types_or_window_is_not_shown(get: Get, store: FakeStore, item_: Item) -> None:
    page = surrounding(get, store, item_)
    assert "No other items in this time range." in page.one("section", id="surrounding").text


def test_number_of_rows_is_limited_and_a_search_finds_the_rest(get: Get, store: FakeStore) -> None:
    page = surrounding(get, store, *(other(sign * second * SECOND_US) for second in range(1, 40) for sign in (-1, 1)))
    rows = shown(page)
    assert rows[0].startswith(f"\N{MINUS SIGN}{MOST_ROWS} s")
    assert rows[-1].startswith(f"+{MOST_ROWS} s")
    assert len(rows) == 2 * MOST_ROWS + 1
    assert "Only the nearest 15 items before and 15 after are shown." in page.text
    (link,) = (link for link in page.all("a") if link.text == "Search these roles")
    assert parse_qs(urlsplit(link.attributes["href"]).query)["role"] == ["echo", "frontend", "storage"]


def test_items_of_the_transaction_do_not_count_towards_the_limit(get: Get, store: FakeStore) -> None:
    own = [item(time_us=BEGAN_US + number, item_type=ItemType.TRACE, message="step") for number in range(300)]
    store.items[OPERATION_ID] += own
    assert shown(surrounding(get, store, other(SECOND_US)))[1:] == ["+1.0 s request other storage"]


class BusyStore(FakeStore):
    """A store whose searches time out."""

    def search_items(self, *_: Any, **__: Any) -> list[SearchHit]:  # noqa: ANN401 - any arguments
        message = "no result within 10 s"
        raise QueryTimeoutError(message)


def test_timeout_of_the_search_does_not_break_the_page(store: FakeStore, now: datetime) -> None:
    busy = BusyStore(items=store.items)
    page = Portal(Starlette(routes=portal_routes(busy, lambda: now))).get(f"{PAGE}?surrounding=1")
    assert page.status == 200
    assert "no result within 10 s" in page.one("p", role="alert").text
    assert page.all("a", class_="gantt-row")
