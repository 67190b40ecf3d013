"""What else happened about the time of a transaction, on its page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import SearchHit
from local_insights.portal.routes import portal_routes
from local_insights.portal.transaction.surrounding_items import EACH_SIDE
from local_insights.store.contract import QueryTimeoutError
from support.fake_store import OPERATION_ID, FakeStore, item
from support.portal_pages import PageResponse, Portal

Get = Callable[..., PageResponse]
PAGE = f"/transaction/{OPERATION_ID}"
BEGAN_US = 1_769_868_000_000_000 - 2_000_000
"""When the store's failed operation of frontend, echo and storage begins; it takes 0.4 s."""
SECOND_US, MINUTE_US = 1_000_000, 60_000_000


def other(offset_us: int, **facts: object) -> Item:
    """An item of another operation that begins that much later than the transaction."""
    given = {"operation_id": f"{abs(offset_us):032x}", "name": "other", "role": "storage", "success": True}
    return item(time_us=BEGAN_US + offset_us, **(given | facts))


def shown(page: PageResponse) -> list[str]:
    """The rows below the transaction, without their head."""
    table = page.elements.index(page.one("table", aria_labelledby="around-title"))
    rows = [element for element in page.elements[table:] if element.name == "tr"][1:]
    return [" ".join(row.text.split()) for row in rows]


def around(get: Get, store: FakeStore, *items: Item) -> PageResponse:
    store.items[""] = list(items)
    return get(f"{PAGE}?around=1")


def test_they_are_asked_for_when_wanted_and_go_when_not(get: Get, store: FakeStore) -> None:
    page = get(f"{PAGE}?item=2")
    assert "search_items" not in [name for name, _ in store.queries]
    (link,) = (link for link in page.all("a") if link.text == "5 min before and after")
    assert link.attributes["href"] == "?item=2&around=1#around"
    (back,) = (link for link in get(f"{PAGE}?item=2&around=1").all("a") if link.text.startswith("Hide"))
    assert back.attributes["href"] == "?item=2"


def test_they_stand_in_the_order_of_time_with_the_transaction_among_them(get: Get, store: FakeStore) -> None:
    page = around(
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


def test_each_leads_to_its_own_transaction(get: Get, store: FakeStore) -> None:
    page = around(get, store, other(SECOND_US, id="a7"))
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
    ids=["of another role", "figure", "too early", "too late"],
)
def test_what_is_no_neighbour_is_not_shown(get: Get, store: FakeStore, item_: Item) -> None:
    page = around(get, store, item_)
    assert "Nothing else happened there." in page.one("section", id="around").text


def test_only_the_nearest_are_shown_and_the_rest_is_led_to(get: Get, store: FakeStore) -> None:
    page = around(get, store, *(other(sign * second * SECOND_US) for second in range(1, 40) for sign in (-1, 1)))
    rows = shown(page)
    assert rows[0].startswith(f"\N{MINUS SIGN}{EACH_SIDE} s")
    assert rows[-1].startswith(f"+{EACH_SIDE} s")
    assert len(rows) == 2 * EACH_SIDE + 1
    assert "The nearest 15 before and 15 after are shown." in page.text
    (link,) = (link for link in page.all("a") if link.text == "Search these components")
    assert parse_qs(urlsplit(link.attributes["href"]).query)["role"] == ["echo", "frontend", "storage"]


def test_items_of_the_transaction_itself_take_no_room(get: Get, store: FakeStore) -> None:
    own = [item(time_us=BEGAN_US + number, item_type=ItemType.TRACE, message="step") for number in range(300)]
    store.items[OPERATION_ID] += own
    assert shown(around(get, store, other(SECOND_US)))[1:] == ["+1.0 s request other storage"]


class BusyStore(FakeStore):
    """One whose items are too many to be searched."""

    def search_items(self, *_: Any, **__: Any) -> list[SearchHit]:  # noqa: ANN401 - whatever is asked
        message = "no answer within 10 s: ask about a shorter time"
        raise QueryTimeoutError(message)


def test_a_question_that_is_too_large_costs_the_neighbours_alone(store: FakeStore, now: datetime) -> None:
    busy = BusyStore(items=store.items)
    page = Portal(Starlette(routes=portal_routes(busy, lambda: now))).get(f"{PAGE}?around=1")
    assert page.status == 200
    assert "no answer within 10 s" in page.one("p", role="alert").text
    assert page.all("a", class_="gantt-row")
