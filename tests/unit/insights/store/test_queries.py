"""Queries of operations, groups, trends and transactions."""

import anyio
import pytest

from local_insights.model.item import ItemType
from local_insights.model.selection import NodeRef
from local_insights.model.statistics import bucket
from local_insights.model.summaries import OperationSummary, StoreStats
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.items import EMPTY_ITEM, HOUR_US, MINUTE_US, NOON_US, SECOND_US, call, request

NOON_HOUR = TimeRange(NOON_US, NOON_US + HOUR_US)
ECHO = NodeRef("role", "echo")
MYSQL = NodeRef("dependency", "db", "MySQL")


def operations_of(store: Store, node: NodeRef, limit: int = 100) -> list[tuple[str | None, int, int]]:
    """Name, calls and failed calls of the groups of a node by name."""
    groups = store.groups(node.selection, ("name",), NOON_HOUR, order="calls", limit=limit)
    return [(group.selection.name, group.statistics.calls, group.statistics.failed) for group in groups.first]


def test_duration_buckets_are_those_of_the_model(store: Store) -> None:
    edges = [round(1.02**number) for number in range(0, 1600, 7)]
    durations_us = sorted({*range(200), *edges, *(edge + 1 for edge in edges), *(edge - 1 for edge in edges)})
    anyio.run(store.append, [request("echo", f"c{us}", name=f"{us}", duration_us=us) for us in durations_us])
    groups = store.groups(ECHO.selection, ("name",), NOON_HOUR, order="calls", limit=len(durations_us)).first
    buckets = {group.selection.name: group.statistics.buckets for group in groups}
    assert buckets == {f"{us}": {bucket(us): 1} for us in durations_us}


def test_groups_are_sorted_by_calls(store: Store) -> None:
    anyio.run(
        store.append,
        [
            request("echo", "c1", name="GET /a"),
            request("echo", "c2", name="GET /b", item_count=5, success=False),
            request("frontend", "c3", name="GET /c"),
            request("echo", "c4", name="GET /d", time_us=NOON_US - 1),
        ],
    )
    assert operations_of(store, ECHO) == [("GET /b", 5, 5), ("GET /a", 1, 0)]
    assert operations_of(store, ECHO, limit=1) == [("GET /b", 5, 5)]


def test_dependency_is_measured_by_the_calls_made_to_it(store: Store) -> None:
    anyio.run(
        store.append,
        [
            call("storage", "b1", dependency_type="MySQL", target="db", name="INSERT"),
            call("storage", "b2", dependency_type="HTTP", target="db", name="GET"),
            request("db", "c1"),
        ],
    )
    assert operations_of(store, MYSQL) == [("INSERT", 1, 0)]


def test_trend_omits_steps_without_calls(store: Store) -> None:
    times = [NOON_US, NOON_US + 1, NOON_US + 59 * MINUTE_US, NOON_US + HOUR_US - 1, NOON_US + HOUR_US]
    anyio.run(store.append, [request("echo", f"c{time}", time_us=time) for time in times])
    trend = store.trend(ECHO.selection, NOON_HOUR, 60)
    assert [(point.start_us, point.statistics.calls) for point in trend] == [
        (NOON_US, 2),
        (NOON_US + 59 * MINUTE_US, 2),
    ]


def test_operation_is_described_by_its_root_request(store: Store) -> None:
    anyio.run(
        store.append,
        [
            call("prompt", "b0", "a1", time_us=NOON_US),
            request("echo", "c1", "b1", time_us=NOON_US + 1, name="POST /echo"),
            request("frontend", "a1", time_us=NOON_US + 2, name="POST /values", duration_us=7, success=False),
        ],
    )
    assert store.recent_operations(NOON_HOUR, 10) == [
        OperationSummary(EMPTY_ITEM.operation_id, "POST /values", "frontend", NOON_US + 2, 7, success=False)
    ]


def test_request_that_names_its_operation_as_parent_is_a_root_request(store: Store) -> None:
    root = request("web", "a1", EMPTY_ITEM.operation_id, name="GET /", time_us=NOON_US + 1)
    anyio.run(store.append, [request("api", "a2", "b1", name="GET /api"), root])
    assert [row.name for row in store.recent_operations(NOON_HOUR, 10)] == ["GET /"]


def test_operation_without_a_request_is_described_by_its_earliest_item(store: Store) -> None:
    anyio.run(
        store.append,
        [call("prompt", "b1", time_us=NOON_US + 1), EMPTY_ITEM._replace(operation_name="enter", role="prompt")],
    )
    assert store.recent_operations(NOON_HOUR, 10) == [
        OperationSummary(EMPTY_ITEM.operation_id, "enter", "prompt", NOON_US, None, None)
    ]


def test_recent_operations_are_newest_first_and_exclude_items_without_an_operation(store: Store) -> None:
    anyio.run(
        store.append,
        [
            request("echo", f"c{number}", operation_id=f"trace{number}" if number else "", time_us=NOON_US + number)
            for number in range(5)
        ],
    )
    assert [row.operation_id for row in store.recent_operations(NOON_HOUR, 3)] == ["trace4", "trace3", "trace2"]


def test_operation_with_many_items_does_not_hide_older_operations(store: Store) -> None:
    large = [call("frontend", f"b{number}", operation_id="large", time_us=NOON_US + number) for number in range(1, 201)]
    old = request("echo", "c1", operation_id="old", time_us=NOON_US - 1)
    anyio.run(store.append, [*large, old, EMPTY_ITEM])
    wide = TimeRange(NOON_US - 1, NOON_US + HOUR_US)
    assert [row.operation_id for row in store.recent_operations(wide, 3)] == ["large", EMPTY_ITEM.operation_id, "old"]


def test_operations_of_a_node_are_those_in_which_it_took_part(store: Store) -> None:
    anyio.run(
        store.append,
        [
            request("frontend", "a1", operation_id="trace1"),
            request("echo", "c1", "b1", operation_id="trace1"),
            request("frontend", "a2", operation_id="trace2"),
            call("storage", "b3", operation_id="trace3", dependency_type="MySQL", target="db"),
        ],
    )
    summaries = store.recent_operations(NOON_HOUR, 10, ECHO)
    assert [(row.operation_id, row.role) for row in summaries] == [("trace1", "frontend")]
    assert [row.operation_id for row in store.recent_operations(NOON_HOUR, 10, MYSQL)] == ["trace3"]


@pytest.mark.parametrize(("node", "failed"), [(None, ["trace3", "trace1"]), (ECHO, ["trace1"]), (MYSQL, ["trace3"])])
def test_failed_operations_are_those_in_which_the_node_failed(
    store: Store, node: NodeRef | None, failed: list[str]
) -> None:
    anyio.run(
        store.append,
        [
            request("echo", "c1", operation_id="trace1", success=False, time_us=NOON_US + 1),
            request("echo", "c2", operation_id="trace2", time_us=NOON_US + 2),
            call(
                "echo",
                "b3",
                operation_id="trace3",
                dependency_type="MySQL",
                target="db",
                success=False,
                time_us=NOON_US + 3,
            ),
        ],
    )
    found = store.recent_operations(NOON_HOUR, 10, node, failed_only=True)
    assert [row.operation_id for row in found] == failed


def test_transaction_is_sorted_by_time_and_limited(store: Store) -> None:
    anyio.run(store.append, [request("echo", f"c{9 - number}", time_us=NOON_US - number) for number in range(10)])
    items = store.transaction(EMPTY_ITEM.operation_id, limit=3)
    assert [item.id for item in items] == ["c0", "c1", "c2"]
    assert store.transaction("unknown") == []


def test_stats_cover_all_items(store: Store) -> None:
    anyio.run(
        store.append, [EMPTY_ITEM, EMPTY_ITEM._replace(time_us=NOON_US - SECOND_US, item_type=ItemType.PAGE_VIEW)]
    )
    assert store.stats() == StoreStats(2, NOON_US - SECOND_US, NOON_US)


def test_sql_in_names_is_not_executed(store: Store) -> None:
    hostile = "'; DROP TABLE items; --"
    anyio.run(store.append, [request(hostile, "c1", name=hostile), call(hostile, "b1", target=hostile)])
    assert operations_of(store, NodeRef("role", hostile)) == [(hostile, 1, 0)]
    assert operations_of(store, NodeRef("dependency", hostile, "HTTP")) == [("GET", 1, 0)]
