"""Every number in the JSON of Overview, Performance and Failures, compared with plain loops over the same items."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import Selection
from local_insights.model.time_range import TimeRange
from local_insights.portal.formats import iso_time
from support.portal_pages import PageResponse
from support.selection_reference import (
    by_step,
    failed,
    failed_percent,
    failing_with,
    grouped,
    percentile_ms,
    selected,
    total_ms,
    weight,
)

Get = Callable[[str], PageResponse]
REQUESTS = Selection(ItemType.REQUEST)
DEPENDENCIES = Selection(ItemType.DEPENDENCY)
EXCEPTIONS = Selection(ItemType.EXCEPTION)
STEPS = 60


class Tab(NamedTuple):
    """A tab, the items that it lists, and the fields by which it groups them."""

    name: str
    kind: Selection
    by: tuple[str, ...]


OPERATIONS_TAB = Tab("operations", REQUESTS, ("role", "name"))
DEPENDENCIES_TAB = Tab("dependencies", DEPENDENCIES, ("dependency_type", "target", "name"))
EXCEPTIONS_TAB = Tab("exceptions", EXCEPTIONS, ("role", "name"))
ROLES_TAB = Tab("roles", REQUESTS, ("role",))


def get_json(get: Get, url: str) -> dict[str, Any]:
    response = get(url)
    assert response.status == 200
    return json.loads(response.content)  # type: ignore[no-any-return]


def assert_statistics(data: dict[str, Any], items: list[Item], *, percentiles: bool = True) -> None:
    assert data["calls"] == weight(items)
    assert data["failed"] == weight(failed(items))
    assert data["failed_percent"] == pytest.approx(failed_percent(items))
    assert data["total_ms"] == pytest.approx(total_ms(items))
    assert data["average_ms"] == pytest.approx(total_ms(items) / weight(items))
    for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        exact = percentile_ms(items, share) if percentiles else None
        assert data[name] == (None if exact is None else pytest.approx(exact, rel=0.02)), name


def assert_rows(data: dict[str, Any], items: list[Item], by: tuple[str, ...], *, percentiles: bool = True) -> None:
    groups = grouped(items, by)
    assert {tuple(row[field] for field in by) for row in data["rows"]} == groups.keys()
    assert data["total_rows"] == len(groups)
    for row in data["rows"]:
        assert_statistics(row, groups[tuple(row[field] for field in by)], percentiles=percentiles)


def assert_trend(data: dict[str, Any], items: list[Item], hour: TimeRange, *, percentiles: bool = True) -> None:
    steps = by_step(items, hour, STEPS)
    assert len(data["trend"]) == len(steps)
    for point, step in zip(data["trend"], sorted(steps), strict=True):
        assert_statistics(point, steps[step], percentiles=percentiles)


@pytest.mark.parametrize("tab", [OPERATIONS_TAB, DEPENDENCIES_TAB, ROLES_TAB])
@pytest.mark.parametrize("role", ["", "orders"])
def test_performance_of_every_tab(get: Get, shop: list[Item], hour: TimeRange, tab: Tab, role: str) -> None:
    items = selected(shop, replace(tab.kind, role=role or None), hour)
    data = get_json(get, f"/performance.json?tab={tab.name}&role={role}")
    assert_rows(data, items, tab.by)
    assert_trend(data, items, hour)
    assert_statistics(data["selection"], items)


def test_performance_of_a_selected_row_within_durations(get: Get, shop: list[Item], hour: TimeRange) -> None:
    query = "row_role=orders&name=POST+/orders&shortest_ms=20.5&longest_ms=60"
    data = get_json(get, f"/performance.json?{query}")
    row = selected(shop, Selection(ItemType.REQUEST, role="orders", name="POST /orders"), hour)
    within = [item for item in row if item.duration_us is not None and 20_500 <= item.duration_us < 60_000]
    assert 0 < len(within) < len(row)
    assert_statistics(data["selection"], within)
    assert_trend(data, row, hour)
    assert [sample["duration_ms"] for sample in data["samples"]] == sorted(
        (item.duration_us / 1000 for item in within if item.duration_us), reverse=True
    )[:20]


def test_histogram_counts_every_call_once_in_its_range(get: Get, shop: list[Item], hour: TimeRange) -> None:
    items = selected(shop, REQUESTS, hour)
    bars = get_json(get, "/performance.json")["histogram"]
    assert sum(bar["calls"] for bar in bars) == weight(items)
    for bar in bars:
        inside = [item for item in items if bar["from_ms"] <= (item.duration_us or 0) / 1000 < bar["to_ms"]]
        assert bar["calls"] == weight(inside)


@pytest.mark.parametrize(("samples", "share"), [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)])
def test_samples_at_a_percentile_have_about_that_duration(
    get: Get, shop: list[Item], hour: TimeRange, samples: str, share: float
) -> None:
    items = selected(shop, Selection(ItemType.REQUEST, role="catalogue"), hour)
    exact_ms = percentile_ms(items, share)
    assert exact_ms is not None
    first = get_json(get, f"/performance.json?role=catalogue&samples={samples}")["samples"][0]
    nearest_ms = min(abs((item.duration_us or 0) / 1000 - exact_ms) for item in items)
    assert abs(first["duration_ms"] - exact_ms) <= nearest_ms + 0.04 * exact_ms


@pytest.mark.parametrize("tab", [OPERATIONS_TAB, DEPENDENCIES_TAB, EXCEPTIONS_TAB, ROLES_TAB])
@pytest.mark.parametrize("role", ["", "catalogue"])
def test_failures_of_every_tab(get: Get, shop: list[Item], hour: TimeRange, tab: Tab, role: str) -> None:
    items = selected(shop, replace(tab.kind, role=role or None), hour)
    data = get_json(get, f"/failures.json?tab={tab.name}&role={role}")
    assert_rows(data, items, tab.by, percentiles=False)
    assert_trend(data, items, hour, percentiles=False)
    assert_statistics(data["selection"], items, percentiles=False)
    for other in (REQUESTS, DEPENDENCIES, EXCEPTIONS):
        counted = selected(shop, replace(other, role=role or None), hour)
        assert data["item_counts"][other.item_type] == {"items": weight(counted), "failed": weight(failed(counted))}
    newest = sorted((item.time_us for item in failed(items)), reverse=True)[:20]
    assert [sample["start_time"] for sample in data["samples"]] == [iso_time(time_us) for time_us in newest]


def test_top_three_of_a_selected_operation(get: Get, shop: list[Item], hour: TimeRange) -> None:
    row = selected(shop, Selection(ItemType.REQUEST, role="frontend", name="POST /orders"), hour)
    codes, exceptions, dependencies = get_json(get, "/failures.json?row_role=frontend&name=POST+/orders")["top"]
    assert_top(codes, failed(row), ("result_code",))
    assert_top(exceptions, failing_with(selected(shop, EXCEPTIONS, hour), row), ("name",))
    dependencies_failed = failed(failing_with(selected(shop, DEPENDENCIES, hour), row))
    assert_top(dependencies, dependencies_failed, ("dependency_type", "target", "name"))
    assert len(dependencies["entries"]) == 3


def test_top_three_of_a_selected_dependency(get: Get, shop: list[Item], hour: TimeRange) -> None:
    row = selected(shop, Selection(ItemType.DEPENDENCY, target="db:3306 | shop", name="SELECT"), hour)
    url = "/failures.json?tab=dependencies&type=MySQL&target=db:3306+|+shop&name=SELECT"
    codes, exceptions, operations = get_json(get, url)["top"]
    assert_top(codes, failed(row), ("result_code",))
    assert_top(exceptions, failing_with(selected(shop, EXCEPTIONS, hour), row), ("name",))
    assert_top(operations, failed(failing_with(selected(shop, REQUESTS, hour), row)), ("role", "name"))


def test_top_three_of_a_selected_exception(get: Get, shop: list[Item], hour: TimeRange) -> None:
    error = "mysql.connector.errors.OperationalError"
    row = selected(shop, Selection(ItemType.EXCEPTION, role="orders", name=error), hour)
    codes, operations, dependencies = get_json(get, f"/failures.json?tab=exceptions&row_role=orders&name={error}")[
        "top"
    ]
    requests = failed(failing_with(selected(shop, REQUESTS, hour), row))
    assert_top(codes, requests, ("result_code",))
    assert_top(operations, requests, ("role", "name"))
    dependencies_failed = failed(failing_with(selected(shop, DEPENDENCIES, hour), row))
    assert_top(dependencies, dependencies_failed, ("dependency_type", "target", "name"))


def test_overview(get: Get, shop: list[Item], hour: TimeRange) -> None:
    data = get_json(get, "/overview.json")
    requests = selected(shop, REQUESTS, hour)
    tests = selected(shop, Selection(ItemType.AVAILABILITY_RESULT), hour)
    assert_statistics(data["requests"], requests, percentiles=False)
    assert_trend(data, requests, hour, percentiles=False)
    assert data["availability"] == {
        "tests": weight(tests),
        "passed_percent": pytest.approx(100 * weight(item for item in tests if item.success) / weight(tests)),
    }
    roles = grouped(requests, ("role",))
    assert {row["role"] for row in data["roles"]} == {role for (role,) in roles}
    for row in data["roles"]:
        assert_statistics(row, roles[row["role"],])


def assert_top(data: dict[str, Any], items: list[Item], by: tuple[str, ...]) -> None:
    """Check the three largest groups, largest first; the order of equal groups is not checked."""
    groups = {name: weight(group) for name, group in grouped(items, by).items()}
    assert [entry["items"] for entry in data["entries"]] == sorted(groups.values(), reverse=True)[:3]
    for entry in data["entries"]:
        assert any(entry["name"] in name and entry["items"] == items for name, items in groups.items())
