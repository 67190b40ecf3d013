"""Property test: map, panels, transactions and search agree with random estates, as different SDKs report them."""

import itertools
import json

import anyio
from hypothesis import given, settings

from local_insights.ingest.batch import read_batch
from local_insights.ingest.policy import IngestPolicy
from local_insights.model.application_map import application_map
from local_insights.model.item import Item
from local_insights.model.node_id import DependencyKey, dependency_id, node_ref
from local_insights.model.search.search import Search
from local_insights.model.time_range import TimeRange
from local_insights.model.transaction import transaction
from local_insights.portal.map.as_json import map_json
from local_insights.portal.map.node_details import query_node_details
from local_insights.store.contract import Store
from support.estates import Estate, estates
from support.items import HOUR_US, NOON_US

APART_US = 24 * HOUR_US


def stored(store: Store, estate: Estate, position: int) -> TimeRange:
    """Ingest and store the estate, moved to a day and to operations of its own; return its time range."""
    batch = read_batch(json.dumps(estate.envelopes).encode(), IngestPolicy("app"))
    assert batch.response.errors == []
    moved = [
        item._replace(
            time_us=item.time_us + position * APART_US,
            operation_id=operation_name(item.operation_id, position),
            parent_id=operation_name(item.parent_id, position)
            if item.parent_id == item.operation_id
            else item.parent_id,
            id=operation_name(item.id, position) if item.id == item.operation_id else item.id,
        )
        for item in batch.items
    ]
    anyio.run(store.append, moved)
    start_us = NOON_US + position * APART_US
    return TimeRange(start_us, start_us + HOUR_US)


def operation_name(operation: str, position: int) -> str:
    return f"{operation}-{position}"


def tree(items: list[Item]) -> dict[str, tuple[str | None, bool]]:
    """Return the name of the parent of every item, from the depths of the transaction, and if its parent is missing."""
    whole = transaction(items[0].operation_id, items)
    assert whole is not None
    parents: dict[str, tuple[str | None, bool]] = {}
    path: list[str] = []
    missing = {missing.id for missing in whole.missing_parents}
    for item in whole.items:
        is_orphan = item.depth == 1 and item.parent_id in missing
        path = ([""] if is_orphan else path[: item.depth]) + [item.name or ""]
        parents[item.name or ""] = (path[-2] or None if len(path) > 1 else None, is_orphan)
    return parents


def test_map_panels_transactions_and_search_agree_with_the_estate(shared_store: Store) -> None:
    positions = itertools.count()

    @settings(max_examples=30)
    @given(estates())
    def check(estate: Estate) -> None:
        position = next(positions)
        time_range = stored(shared_store, estate, position)
        document = map_json(application_map(shared_store.call_rows(time_range), time_range))
        assert {(edge["source"], edge["target"]): edge["calls"] for edge in document["edges"]} == estate.edges()
        nodes = {node["id"]: node["calls"] for node in document["nodes"]}
        for node_id, calls in estate.nodes().items():
            assert nodes[node_id] == calls
            ref = node_ref(node_id)
            assert ref is not None
            details = query_node_details(shared_store, ref, time_range)
            assert sum(group.statistics.calls for group in details.operations) == calls
            assert sum(point.statistics.calls for point in details.trend) == calls
        found: dict[str, Item] = {}
        for operation in estate.operations:
            items = shared_store.transaction(operation_name(operation, position))
            found |= {item.name: item for item in items}
            for name, parent in tree(items).items():
                assert parent == (estate.parents[name], name in estate.orphans), name
        assert set(found) == set(estate.parents)
        hits = shared_store.search_items(Search(time_range), 1_000)
        assert {hit.item.name: hit.item for hit in hits} == found
        external = {dependency_id(DependencyKey(item.dependency_type, item.target)) for item in found.values()}
        assert set(estate.weights) <= external

    check()
