"""Property tests: results of random searches equal those of the reference in plain loops."""

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.model.search.search import Facet, Search
from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import Store
from support.search_reference import facet_counts, found, items, searches, step_counts

STEPS = 7
MANY = 100


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(items, min_size=1, max_size=40), st.lists(searches, min_size=1, max_size=3))
def test_search_results_equal_the_reference(store: Store, stored: list[Item], requested: list[Search]) -> None:
    store.delete_before(ALL_TIME.end_us)
    anyio.run(store.append, stored)
    for search in requested:
        expected = found(stored, search)
        assert sorted((hit.item for hit in store.search_items(search, MANY)), key=repr) == sorted(expected, key=repr)
        counts = store.search_counts(search, STEPS, MANY)
        assert counts.items == len(expected)
        assert counts.events == sum(item.item_count for item in expected)
        assert list(counts.steps) == step_counts(stored, search, STEPS)
        for facet in Facet:
            values = {hit.value: hit.events for hit in counts.facets[facet]}
            assert values == facet_counts(stored, search, facet), facet
        assert store.count_new_items(search, -1) == len(expected)
