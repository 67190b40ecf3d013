"""Every figure of Overview, Performance and Failures, against plain loops over the same items."""

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
    """A tab, what it lists, and by which facts."""

    name: str
    kind: Selection
    by: tuple[str, ...]


OPERATIONS = Tab("operations", REQUESTS, ("role", "name"))
CALLED = Tab("dependencies", DEPENDENCIES, ("dependency_type", "target", "name"))
THROWN = Tab("exceptions", EXCEPTIONS, ("role", "name"))
ROLES = Tab("roles", REQUESTS, ("role",))


def answer(get: Get, url: str) -> dict[str, Any]:
    found = get(url)
    assert found.status == 200
    return json.loads(found.content)  # type: ignore[no-any-return]


def assert_figures(said: dict[str, Any], items: list[Item], *, percentiles: bool = True) -> None:
    assert said["calls"] == weight(items)
    assert said["failed"] == weight(failed(items))
    assert said["failed_percent"] == pytest.approx(failed_percent(items))
    assert said["total_ms"] == pytest.approx(total_ms(items))
    assert said["average_ms"] == pytest.approx(total_ms(items) / weight(items))
    for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        exact = percentile_ms(items, share) if percentiles else None
        assert said[name] == (None if exact is None else pytest.approx(exact, rel=0.02)), name


def assert_rows(said: dict[str, Any], items: list[Item], by: tuple[str, ...], *, percentiles: bool = True) -> None:
    groups = grouped(items, by)
    assert {tuple(row[fact] for fact in by) for row in said["rows"]} == groups.keys()
    assert said["total_rows"] == len(groups)
    for row in said["rows"]:
        assert_figures(row, groups[tuple(row[fact] for fact in by)], percentiles=percentiles)


def assert_trend(said: dict[str, Any], items: list[Item], hour: TimeRange, *, percentiles: bool = True) -> None:
    steps = by_step(items, hour, STEPS)
    assert len(said["trend"]) == len(steps)
    for point, step in zip(said["trend"], sorted(steps), strict=True):
        assert_figures(point, steps[step], percentiles=percentiles)


@pytest.mark.parametrize("tab", [OPERATIONS, CALLED, ROLES])
@pytest.mark.parametrize("role", ["", "orders"])
def test_performance_of_every_tab(get: Get, shop: list[Item], hour: TimeRange, tab: Tab, role: str) -> None:
    items = selected(shop, replace(tab.kind, role=role or None), hour)
    said = answer(get, f"/performance.json?tab={tab.name}&role={role}")
    assert_rows(said, items, tab.by)
    assert_trend(said, items, hour)
    assert_figures(said["selection"], items)


def test_performance_of_a_selected_row_within_durations(get: Get, shop: list[Item], hour: TimeRange) -> None:
    query = "of=orders&name=POST+/orders&shortest_ms=20.5&longest_ms=60"
    said = answer(get, f"/performance.json?{query}")
    row = selected(shop, Selection(ItemType.REQUEST, role="orders", name="POST /orders"), hour)
    within = [item for item in row if item.duration_us is not None and 20_500 <= item.duration_us < 60_000]
    assert 0 < len(within) < len(row)
    assert_figures(said["selection"], within)
    assert_trend(said, row, hour)
    assert [sample["duration_ms"] for sample in said["samples"]] == sorted(
        (item.duration_us / 1000 for item in within if item.duration_us), reverse=True
    )[:20]


def test_histogram_counts_every_call_once_where_it_belongs(get: Get, shop: list[Item], hour: TimeRange) -> None:
    items = selected(shop, REQUESTS, hour)
    bars = answer(get, "/performance.json")["histogram"]
    assert sum(bar["calls"] for bar in bars) == weight(items)
    for bar in bars:
        inside = [item for item in items if bar["from_ms"] <= (item.duration_us or 0) / 1000 < bar["to_ms"]]
        assert bar["calls"] == weight(inside)


@pytest.mark.parametrize(("samples", "share"), [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)])
def test_samples_at_a_percentile_took_about_as_long(
    get: Get, shop: list[Item], hour: TimeRange, samples: str, share: float
) -> None:
    items = selected(shop, Selection(ItemType.REQUEST, role="catalogue"), hour)
    exact_ms = percentile_ms(items, share)
    assert exact_ms is not None
    first = answer(get, f"/performance.json?role=catalogue&samples={samples}")["samples"][0]
    nearest_ms = min(abs((item.duration_us or 0) / 1000 - exact_ms) for item in items)
    assert abs(first["duration_ms"] - exact_ms) <= nearest_ms + 0.04 * exact_ms


@pytest.mark.parametrize("tab", [OPERATIONS, CALLED, THROWN, ROLES])
@pytest.mark.parametrize("role", ["", "catalogue"])
def test_failures_of_every_tab(get: Get, shop: list[Item], hour: TimeRange, tab: Tab, role: str) -> None:
    items = selected(shop, replace(tab.kind, role=role or None), hour)
    said = answer(get, f"/failures.json?tab={tab.name}&role={role}")
    assert_rows(said, items, tab.by, percentiles=False)
    assert_trend(said, items, hour, percentiles=False)
    assert_figures(said["selection"], items, percentiles=False)
    for other in (REQUESTS, DEPENDENCIES, EXCEPTIONS):
        counted = selected(shop, replace(other, role=role or None), hour)
        assert said["item_counts"][other.item_type] == {"items": weight(counted), "failed": weight(failed(counted))}
    newest = sorted((item.time_us for item in failed(items)), reverse=True)[:20]
    assert [sample["start_time"] for sample in said["samples"]] == [iso_time(time_us) for time_us in newest]


def test_top_three_of_a_selected_operation(get: Get, shop: list[Item], hour: TimeRange) -> None:
    row = selected(shop, Selection(ItemType.REQUEST, role="frontend", name="POST /orders"), hour)
    codes, exceptions, dependencies = answer(get, "/failures.json?of=frontend&name=POST+/orders")["top"]
    assert_top(codes, failed(row), ("result_code",))
    assert_top(exceptions, failing_with(selected(shop, EXCEPTIONS, hour), row), ("name",))
    beside = failed(failing_with(selected(shop, DEPENDENCIES, hour), row))
    assert_top(dependencies, beside, ("dependency_type", "target", "name"))
    assert len(dependencies["entries"]) == 3


def test_top_three_of_a_selected_dependency(get: Get, shop: list[Item], hour: TimeRange) -> None:
    row = selected(shop, Selection(ItemType.DEPENDENCY, target="db:3306 | shop", name="SELECT"), hour)
    url = "/failures.json?tab=dependencies&type=MySQL&target=db:3306+|+shop&name=SELECT"
    codes, exceptions, operations = answer(get, url)["top"]
    assert_top(codes, failed(row), ("result_code",))
    assert_top(exceptions, failing_with(selected(shop, EXCEPTIONS, hour), row), ("name",))
    assert_top(operations, failed(failing_with(selected(shop, REQUESTS, hour), row)), ("role", "name"))


def test_top_three_of_a_selected_exception(get: Get, shop: list[Item], hour: TimeRange) -> None:
    error = "mysql.connector.errors.OperationalError"
    row = selected(shop, Selection(ItemType.EXCEPTION, role="orders", name=error), hour)
    codes, operations, dependencies = answer(get, f"/failures.json?tab=exceptions&of=orders&name={error}")["top"]
    requests = failed(failing_with(selected(shop, REQUESTS, hour), row))
    assert_top(codes, requests, ("result_code",))
    assert_top(operations, requests, ("role", "name"))
    beside = failed(failing_with(selected(shop, DEPENDENCIES, hour), row))
    assert_top(dependencies, beside, ("dependency_type", "target", "name"))


def test_overview(get: Get, shop: list[Item], hour: TimeRange) -> None:
    said = answer(get, "/overview.json")
    requests = selected(shop, REQUESTS, hour)
    tests = selected(shop, Selection(ItemType.AVAILABILITY_RESULT), hour)
    assert_figures(said["requests"], requests, percentiles=False)
    assert_trend(said, requests, hour, percentiles=False)
    assert said["availability"] == {
        "tests": weight(tests),
        "passed_percent": pytest.approx(100 * weight(item for item in tests if item.success) / weight(tests)),
    }
    roles = grouped(requests, ("role",))
    assert {row["role"] for row in said["roles"]} == {role for (role,) in roles}
    for row in said["roles"]:
        assert_figures(row, roles[row["role"],])


def assert_top(said: dict[str, Any], items: list[Item], by: tuple[str, ...]) -> None:
    """The three largest groups, largest first; which of equals comes third is nobody's business."""
    groups = {name: weight(group) for name, group in grouped(items, by).items()}
    assert [entry["items"] for entry in said["entries"]] == sorted(groups.values(), reverse=True)[:3]
    for entry in said["entries"]:
        assert any(entry["name"] in name and entry["items"] == items for name, items in groups.items())
