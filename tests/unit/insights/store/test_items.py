"""Storing and reading items."""

import anyio
import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.summaries import StoreStats
from local_insights.model.time_range import ALL_TIME, TimeRange
from local_insights.store.contract import Store, StoreUnavailableError
from support.items import EMPTY_ITEM, NOON_US, all_items, request

FULL_ITEM = Item(
    time_us=NOON_US + 1,
    item_type=ItemType.EXCEPTION,
    item_count=3,
    role="frontend",
    role_instance="vm",
    operation_id="4bf92f3577b34da6a3ce929d0e0e4736",
    operation_name="POST /values",
    id="b7ad6b7169203331",
    parent_id="00f067aa0ba902b7",
    name="ValueError",
    duration_us=2**62,
    success=False,
    result_code="500",
    dependency_type="MySQL",
    target="db:3306 | mesh",
    data="INSERT INTO t VALUES ('é', '漢', '\N{PILE OF POO}')",
    source="cid-v1:x",
    severity=4,
    message="first line\nsecond line\t\x00 after a NUL \x1b[31m",
    problem_id="ValueError at insert",
    exceptions_json="[]",
    value=1e300,
    value_count=2**63 - 1,
    value_min=-0.5,
    value_max=0.0,
    value_std_dev=1.5,
    properties_json='{"a":"b"}',
    measurements_json='{"m":1.0}',
    details_json='{"d":1}',
    tags_json='{"ai.user.id":"u"}',
    sent_json='{"id":"B7"}',
    instrumentation_key="00000000-0000-0000-0000-000000000000",
    sdk_version="py3.11",
)


def test_every_field_is_returned_as_it_was_stored(store: Store) -> None:
    bare = EMPTY_ITEM._replace(time_us=NOON_US)
    anyio.run(store.append, [FULL_ITEM, bare])
    assert store.transaction(FULL_ITEM.operation_id) == [bare, FULL_ITEM]
    assert all_items(store) == [FULL_ITEM, bare]


def test_append_of_no_items_stores_nothing(store: Store) -> None:
    anyio.run(store.append, [])
    assert store.stats() == StoreStats(0, None, None)


def test_concurrent_appends_store_all_items(store: Store) -> None:
    async def append_all() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(store.append, [request("echo", f"c{number}")])

    anyio.run(append_all)
    assert {item.id for item in all_items(store)} == {f"c{number}" for number in range(20)}


def test_stored_items_are_paged_by_row_and_filtered_by_time(store: Store) -> None:
    for number in range(5):
        anyio.run(store.append, [request("echo", f"c{number}", time_us=NOON_US - number)])
    page = store.stored_items(-1, ALL_TIME, 2)
    assert [item.id for _, item in page] == ["c0", "c1"]
    last_row, _ = page[-1]
    until_noon = TimeRange(NOON_US - 3, NOON_US)
    assert [item.id for _, item in store.stored_items(last_row, until_noon, 9)] == ["c2", "c3"]


def test_open_store_is_ready_and_closed_store_is_not(own_store: Store) -> None:
    own_store.require_ready()
    own_store.close()
    with pytest.raises(StoreUnavailableError):
        own_store.require_ready()


def test_closed_store_rejects_items_and_queries(own_store: Store) -> None:
    own_store.close()
    own_store.close()
    with pytest.raises(StoreUnavailableError):
        anyio.run(own_store.append, [FULL_ITEM])
    with pytest.raises(StoreUnavailableError):
        own_store.stats()
