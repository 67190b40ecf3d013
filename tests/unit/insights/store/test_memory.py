"""The in-memory engine: limits."""

import pytest
from hypothesis import given

from local_insights.model.item import Item
from local_insights.model.search.query import Query
from local_insights.store.memory.search_reader import matches_query
from local_insights.store.memory.store import MemoryStore
from support.items import all_items, request
from support.search_reference import found_by, items, queries


@pytest.mark.anyio
async def test_items_stored_first_are_deleted_beyond_the_limit() -> None:
    store = MemoryStore((request("echo", f"c{number}") for number in range(3)), max_items=4)
    await store.append([request("echo", "c3"), request("echo", "c4")])
    assert [item.id for item in all_items(store)] == ["c1", "c2", "c3", "c4"]
    assert store.latest_row() == 4


def test_store_is_not_durable() -> None:
    assert not MemoryStore().is_durable


@given(queries, items)
def test_items_match_a_query_like_the_reference(query: Query, item: Item) -> None:
    assert matches_query(item, query) == found_by(query, item)
