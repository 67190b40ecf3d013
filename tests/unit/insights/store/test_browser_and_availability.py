"""Counts of browsers, availability tests and instances."""

import pytest

from local_insights.model.call_rows import AvailabilityRow, CallRows, InstanceRow, PageViewRow
from local_insights.model.item import Item, ItemType
from local_insights.model.selection import NodeRef
from local_insights.model.statistics import CallStatistics, bucket
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.items import EMPTY_ITEM, HOUR_US, NOON_US, call, request

HOUR = TimeRange(NOON_US, NOON_US + HOUR_US)
MS = bucket(1_000)

pytestmark = pytest.mark.anyio


def view(role: str, **fields: object) -> Item:
    defaults = {"item_type": ItemType.PAGE_VIEW, "role": role, "name": "/home", "duration_us": 1_000}
    return EMPTY_ITEM._replace(**{**defaults, **fields})  # type: ignore[arg-type]


def result(operation_id: str, **fields: object) -> Item:
    defaults = {"item_type": ItemType.AVAILABILITY_RESULT, "role": "prober", "name": "home page", "id": "test"}
    result_fields = {"operation_id": operation_id, "duration_us": 1_000, "success": True}
    return EMPTY_ITEM._replace(**{**defaults, **result_fields, **fields})  # type: ignore[arg-type]


async def counted(store: Store, *items: Item) -> CallRows:
    await store.append(items)
    return store.call_rows(HOUR)


def statistics(calls: int, failed: int = 0, weights: tuple[int, ...] | None = None) -> CallStatistics:
    weights = weights or (1,) * calls
    return CallStatistics(
        calls, failed, calls * 1_000, {MS: calls}, len(weights), sum(weight * weight for weight in weights)
    )


async def test_page_views_are_counted_by_role_and_weight(store: Store) -> None:
    rows = await counted(store, view("web", item_count=4), view("web"), view("app"), view("old", time_us=NOON_US - 1))
    assert rows.page_views == (PageViewRow("app", statistics(1)), PageViewRow("web", statistics(5, weights=(4, 1))))


async def test_page_view_without_an_outcome_has_not_failed(store: Store) -> None:
    (row,) = (await counted(store, view("web"), view("web", success=False))).page_views
    assert (row.statistics.calls, row.statistics.failed) == (2, 1)


async def test_availability_result_reaches_the_role_of_the_first_request_of_its_operation(store: Store) -> None:
    rows = await counted(
        store,
        result("probe", item_count=3),
        request("echo", "r2", operation_id="probe", time_us=NOON_US + 20),
        request("frontend", "r1", "test", operation_id="probe", time_us=NOON_US + 10),
    )
    assert rows.availability == (AvailabilityRow("home page", "frontend", statistics(3, weights=(3,))),)


async def test_of_two_first_requests_the_role_that_sorts_first_counts(store: Store) -> None:
    requests = [request(role, f"r-{role}", operation_id="probe") for role in ("storage", "echo", "frontend")]
    assert (await counted(store, result("probe"), *requests)).availability[0].target_role == "echo"


async def test_availability_result_without_a_request_in_its_operation_has_no_target_role(store: Store) -> None:
    rows = await counted(store, result("probe", success=False), result(""), request("frontend", "r1", operation_id=""))
    assert rows.availability == (AvailabilityRow("home page", None, statistics(2, failed=1)),)


async def test_request_caused_by_an_availability_test_has_a_parent(store: Store) -> None:
    rows = await counted(store, result("probe"), request("frontend", "r1", "test", operation_id="probe"))
    assert rows.missing_parents == ()


async def test_instances_of_a_role_are_those_that_served_requests(store: Store) -> None:
    rows = await counted(
        store,
        request("storage", "a", role_instance="one"),
        request("storage", "b", role_instance="two", item_count=5),
        request("storage", "c", role_instance="two", success=False),
        call("storage", "d", role_instance="three"),
        request("storage", "f", role_instance="past", time_us=NOON_US - 1),
    )
    assert rows.instances == (
        InstanceRow("storage", "one", CallStatistics(1, 0, 1_000)),
        InstanceRow("storage", "two", CallStatistics(6, 1, 6_000, items=2, squared_weights=26)),
    )


async def test_instances_of_a_role_without_requests_are_those_that_made_calls(store: Store) -> None:
    rows = await counted(store, call("batch", "d", role_instance="three"), request("echo", "e", role_instance="four"))
    assert rows.instances == (
        InstanceRow("batch", "three", CallStatistics()),
        InstanceRow("echo", "four", CallStatistics(1, 0, 1_000)),
    )


@pytest.mark.parametrize(
    ("node", "calls", "failed"),
    [(NodeRef("browser", "web"), 2, 0), (NodeRef("availability", "home page"), 3, 1), (NodeRef("role", "web"), 0, 0)],
)
async def test_browsers_and_availability_tests_are_measured_by_their_own_items(
    store: Store, node: NodeRef, calls: int, failed: int
) -> None:
    probes = [result("p1"), result("p2"), result("p3", success=False)]
    await store.append([view("web", operation_id="v1"), view("web", operation_id="v2"), *probes])
    groups = [group.statistics for group in store.groups(node.selection, ("name",), HOUR, order="calls", limit=9).first]
    steps = [point.statistics for point in store.trend(node.selection, HOUR, 4)]
    for parts in (groups, steps):
        assert (sum(part.calls for part in parts), sum(part.failed for part in parts)) == (calls, failed)


async def test_operations_of_a_browser_or_an_availability_test_are_found(store: Store) -> None:
    await store.append([view("web", operation_id="v1"), result("p1"), result("p2", success=False)])
    assert [row.operation_id for row in store.recent_operations(HOUR, 9, NodeRef("browser", "web"))] == ["v1"]
    failed = store.recent_operations(HOUR, 9, NodeRef("availability", "home page"), failed_only=True)
    assert [row.operation_id for row in failed] == ["p2"]
