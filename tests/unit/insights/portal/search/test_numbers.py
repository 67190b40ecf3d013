"""Every number on the search page of a real store, compared with a plain evaluation of the same items."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from starlette.applications import Starlette

from local_insights.model.item import ItemType
from local_insights.model.search.parser import parse
from local_insights.model.search.search import Facet, Search
from local_insights.model.time_range import TimeRange
from local_insights.portal.charts.time_chart import STEPS
from local_insights.portal.routes import portal_routes
from local_insights.store.duckdb.store import DuckDBStore
from support.items import EMPTY_ITEM, HOUR_US, NOON_US
from support.portal_pages import PageResponse, Portal
from support.search_reference import compact, facet_counts, found, step_counts

RANDOM = random.Random(7)  # noqa: S311 - the same items every time
ITEMS = [
    EMPTY_ITEM._replace(
        time_us=NOON_US - RANDOM.randrange(HOUR_US + HOUR_US // 10),
        item_type=RANDOM.choice([ItemType.REQUEST, ItemType.TRACE, ItemType.EXCEPTION]),
        item_count=RANDOM.randrange(1, 5),
        role=RANDOM.choice(["frontend", "echo", "storage"]),
        operation_name=RANDOM.choice(["GET /values", "POST /values", ""]),
        result_code=RANDOM.choice(["200", "500", ""]),
        success=RANDOM.choice([True, False, None]),
        severity=RANDOM.choice([1, 3, None]),
        message=" ".join(RANDOM.choices(["value", "values", "stored", "lost", "5"], k=3)),
        properties_json=compact({"shop": RANDOM.choice(["north", "south"])}),
    )
    for _ in range(400)
]
SEARCHES: dict[str, Search] = {
    query: Search(TimeRange(NOON_US - HOUR_US, NOON_US), parse(text), dict(filters))
    for query, text, filters in (
        ("", "", ()),
        ("q=stored+NOT+lost", "stored NOT lost", ()),
        (
            "q=north+(value+OR+lost)&role=echo&role=storage",
            "north (value OR lost)",
            [(Facet.ROLE, frozenset({"echo", "storage"}))],
        ),
        (
            "type=trace&severity=3&success=false",
            "",
            [
                (Facet.TYPE, frozenset({"trace"})),
                (Facet.SEVERITY, frozenset({"3"})),
                (Facet.SUCCESS, frozenset({"false"})),
            ],
        ),
    )
}


@pytest.fixture
def get(tmp_path: Path) -> Iterator[Callable[[str], PageResponse]]:
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, ITEMS)
    now = datetime.fromtimestamp(NOON_US / 1_000_000, UTC)
    yield Portal(Starlette(routes=portal_routes(store, lambda: now))).get
    store.close()


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("query", SEARCHES)
def test_numbers_match_a_plain_evaluation(get: Callable[[str], PageResponse], query: str) -> None:
    search = SEARCHES[query]
    page = get(f"/search?{query}")
    expected = found(ITEMS, search)
    events = sum(item.item_count for item in expected)
    assert expected
    assert words(page.one("h2", id="found").text) == f"{len(expected)} results representing {events} events"
    newest = sorted((item.time_us for item in expected), reverse=True)[:50]
    assert [time_us(time.attributes["datetime"]) for time in page.all("time")] == newest
    shown = [
        (field.attributes["name"], field.attributes["value"])
        for field in page.all("input", type="checkbox", data_submits="")
    ]
    labels = [
        words(label.text).rpartition(" ")[2]
        for label in page.all("label")
        if label.attributes.get("class") in {"facet", "type-chip"}
    ]
    counted = dict(zip(shown, map(int, labels), strict=True))
    for facet in Facet:
        reference = facet_counts(ITEMS, search, facet)
        assert {value: number for (name, value), number in counted.items() if name == facet and number} == reference
    bars = [title.text for title in page.all("title") if "events" in title.text]
    assert [int(bar.rpartition(" ")[2]) for bar in bars] == step_counts(ITEMS, search, STEPS)


def time_us(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)
