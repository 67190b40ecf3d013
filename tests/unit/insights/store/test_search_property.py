"""Searches of random items, held against a plain evaluation."""

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.model.search.search import Facet, Search
from local_insights.store.duckdb.store import DuckDBStore
from support.search_reference import facet_counts, found, items, searches, step_counts

STEPS = 7
MANY = 100


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(items, min_size=1, max_size=40), st.lists(searches, min_size=1, max_size=3))
def test_answers_are_those_of_a_plain_evaluation(store: DuckDBStore, kept: list[Item], asked: list[Search]) -> None:
    with store._database.cursor() as cursor:
        cursor.execute("DELETE FROM items")
    anyio.run(store.append, kept)
    for search in asked:
        expected = found(kept, search)
        assert [item for item in kept if search.finds(item)] == expected
        assert sorted((entry.item for entry in store.search_items(search, MANY)), key=repr) == sorted(
            expected, key=repr
        )
        counts = store.search_counts(search, STEPS, MANY)
        assert counts.items == len(expected)
        assert counts.events == sum(item.item_count for item in expected)
        assert list(counts.steps) == step_counts(kept, search, STEPS)
        for facet in Facet:
            values = {entry.value: entry.events for entry in counts.facets[facet]}
            assert values == facet_counts(kept, search, facet), facet
        assert store.count_new_items(search, -1) == len(expected)
