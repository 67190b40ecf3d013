"""The bars of a transaction: each is visible, and a part of the time can fill the width."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item, ItemType
from local_insights.model.transaction import Transaction, transaction
from local_insights.portal.transaction.gantt import gantt_rows
from local_insights.portal.transaction.zoom import Zoom, zoom_to, zooms_to_page_views
from support.fake_store import OPERATION_ID, FakeStore
from support.items import item
from support.portal_pages import PageResponse

Get = Callable[..., PageResponse]
PAGE = f"/transaction/{OPERATION_ID}"
DAY_US = 86_400_000_000


def session(days: int = 3, views: int = 5) -> list[Item]:
    """Return page views over days with one operation id, each with a call, as a single-page application sends them."""
    return [
        item(
            item_type=item_type,
            time_us=day * DAY_US + view * 60_000_000 + delay_us,
            duration_us=duration_us,
            id=f"{item_type}{day}-{view}",
            parent_id="session",
            name=f"{item_type} {day}-{view}",
            success=True,
        )
        for day in range(days)
        for view in range(views)
        for item_type, delay_us, duration_us in (
            (ItemType.PAGE_VIEW, 0, 300_000),
            (ItemType.DEPENDENCY, 400_000, 50_000),
        )
    ]


def built(items: list[Item]) -> Transaction:
    whole = transaction(OPERATION_ID, items)
    assert whole is not None
    return whole


def test_every_bar_has_a_part_of_visible_width(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: session()}
    page = get(PAGE)
    assert len(page.all("svg", class_="mark")) == 30
    assert 'width="0.0%"' not in page.text


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 10**12), st.none() | st.integers(0, 10**12)), min_size=1, max_size=12))
def test_every_row_has_a_mark_or_a_bar_of_at_least_one_percent(times: list[tuple[int, int | None]]) -> None:
    whole = built([item(time_us=time_us, duration_us=duration_us) for time_us, duration_us in times])
    rows = gantt_rows(whole)
    assert len(rows) == len(times)
    for row in rows:
        assert row.width_percent is None or row.is_narrow or row.width_percent >= 1
        assert 0 <= row.start_percent <= row.start_percent + (row.width_percent or 0) <= 100.01


def test_zoom_to_an_item_has_its_bar_and_those_of_its_subtree_in_view(get: Get) -> None:
    page = get(f"{PAGE}?item=7")
    (link,) = [link.attributes["href"] for link in page.all("a") if link.text == "Zoom to item"]
    zoomed = get(PAGE + link)
    names = [" ".join(name.text.split()) for name in zoomed.all("bdi", class_="name")]
    assert names[:3] == ["request POST /values", "dependency POST /values", "request POST /values"]
    assert "dependency POST /echo" not in names
    assert "dependency SELECT" in names, "it ends after the start of the range"
    assert any(90 < float(bar.attributes["width"].rstrip("%")) < 95 for bar in zoomed.all("rect"))
    assert [row.attributes["href"] for row in zoomed.all("a", aria_current="true")] == [link]
    (whole,) = [link.attributes["href"] for link in zoomed.all("a") if link.text == "Whole transaction"]
    assert whole == "?item=7"


def test_page_views_of_days_are_listed_and_open_with_visible_bars(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: session()}
    links = [link for link in get(PAGE).all("a") if "range=" in link.attributes["href"] and "pageView" in link.text]
    assert len(links) == 15
    page = get(PAGE + links[7].attributes["href"])
    titles = [" ".join(name.text.split()) for name in page.all("bdi", class_="name")]
    assert titles[1:] == ["pageView pageView 1-2", "dependency dependency 1-2"]
    assert [float(bar.attributes["width"].rstrip("%")) > 10 for bar in page.all("rect")] == [True, True]
    assert page.one("h2", id="item-title").text == "pageView 1-2"


def test_items_above_those_in_the_range_stay() -> None:
    items = [
        item(time_us=0, duration_us=1000, id="a", name="a"),
        item(time_us=500_000, duration_us=1000, id="b", parent_id="a", name="b"),
        item(time_us=900_000, duration_us=1000, id="c", parent_id="b", name="c"),
        item(time_us=950_000, duration_us=1000, id="d", parent_id="a", name="d"),
    ]
    rows = gantt_rows(built(items), zoom=Zoom(899, 902))
    assert [row.title for row in rows] == ["a", "b", "c"]
    assert [row.below for row in rows] == [2, 1, 0]


def test_zoom_of_an_item_without_length_is_not_empty() -> None:
    whole = built([item(time_us=5, duration_us=0, id="a", name="instant")])
    assert zoom_to(whole.items, 1).duration_ms > 0
    assert zooms_to_page_views(whole.items) == {}


@pytest.mark.parametrize("text", ["x", "5", "5-5", "6-5", "-1-5", "1e9-2e9", "1-" + "9" * 30, "1-2-3", "nan-nan"])
def test_invalid_range_is_rejected(get: Get, text: str) -> None:
    page = get(f"{PAGE}?range={text}")
    assert page.status == 400
    assert "range=1200-1530.5" in page.one("div", role="alert").text


def test_range_without_items_is_explained(get: Get) -> None:
    page = get(f"{PAGE}?range=90000-91000")
    assert page.status == 200
    assert "No items in this part" in page.text
