"""The numbers on the pages and in the JSON of the map, compared with plain loops over the same items."""

import itertools
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import Selection
from local_insights.model.time_range import TimeRange
from local_insights.portal.formats import count, duration, percent
from support.portal_pages import Element, PageResponse
from support.selection_reference import failed, failed_percent, grouped, percentile_ms, selected, total_ms, weight

Get = Callable[[str], PageResponse]
REQUESTS = Selection(ItemType.REQUEST)
DEPENDENCIES = Selection(ItemType.DEPENDENCY)
TESTS = Selection(ItemType.AVAILABILITY_RESULT)
MYSQL = "db:3306 | shop"
ROUNDING = 0.005
"""The numbers of the map have two decimals."""
MILLISECONDS = {"µs": 0.001, "ms": 1, "s": 1000, "min": 60_000}


def average_ms(items: list[Item]) -> float:
    return total_ms(items) / weight(items)


def words(element: Element) -> str:
    return " ".join(element.text.split())


def in_ms(shown: str) -> float:
    """Convert a text such as `1.2 s` to milliseconds."""
    found = re.fullmatch(r"([\d.,]+) (\S+)", shown)
    assert found is not None, shown
    return float(found[1].replace(",", "")) * MILLISECONDS[found[2]]


def rows(page: PageResponse, label: str) -> list[str]:
    """Return the text of each row of a table; `label` is the id of its heading."""
    begin = page.elements.index(page.one("table", aria_labelledby=label))
    inside = itertools.takewhile(lambda element: element.name != "table", page.elements[begin + 1 :])
    return [words(element) for element in inside if element.name == "tr"][1:]


def test_tiles_of_the_overview(get: Get, shop: list[Item], hour: TimeRange) -> None:
    requests, tests = selected(shop, REQUESTS, hour), selected(shop, TESTS, hour)
    values = [words(figure) for figure in get("/overview").all("p", class_="measured")]
    passed = [item for item in tests if item.success]
    assert values == [
        f"{count(weight(failed(requests)))} {percent(failed_percent(requests))} of {count(weight(requests))}",
        f"{duration(average_ms(requests))} average",
        f"{count(round(weight(requests) / 60))} / min {count(weight(requests))} requests",
        f"{percent(100 * weight(passed) / weight(tests))} {count(weight(tests))} tests",
    ]
    assert 0 < len(passed) < len(tests)


def test_tiles_of_failures(get: Get, shop: list[Item], hour: TimeRange) -> None:
    shown = [words(tile) for tile in get("/failures").all("a", class_="tile")]
    for tile, selection in zip(shown, (REQUESTS, DEPENDENCIES), strict=False):
        items = selected(shop, selection, hour)
        values = f"{count(weight(failed(items)))} {percent(failed_percent(items))} of {count(weight(items))}"
        assert tile.endswith(values)
    exceptions = selected(shop, Selection(ItemType.EXCEPTION), hour)
    assert shown[2] == f"Exceptions {count(weight(exceptions))} of all roles"


def assert_statistics(data: dict[str, Any], items: list[Item]) -> None:
    assert data["calls"] == weight(items)
    assert data["failed_percent"] == pytest.approx(failed_percent(items), abs=ROUNDING)
    assert data["average_ms"] == pytest.approx(average_ms(items), abs=ROUNDING)
    assert data["p95_ms"] == pytest.approx(percentile_ms(items, 0.95), rel=0.02)


def the_map(get: Get) -> dict[str, Any]:
    return json.loads(get("/map.json").content)  # type: ignore[no-any-return]


def test_nodes_of_the_map(get: Get, shop: list[Item], hour: TimeRange) -> None:
    nodes = {node["id"]: node for node in the_map(get)["nodes"]}
    requests = selected(shop, REQUESTS, hour)
    expected = {f"role:{role}": served for (role,), served in grouped(requests, ("role",)).items()}
    called = grouped(selected(shop, DEPENDENCIES, hour), ("dependency_type", "target"))
    expected |= {
        f"dependency:{kind}|{target}": made
        for (kind, target), made in called.items()
        if target in {MYSQL, "api.payments.example"}
    }
    expected["client:client"] = [item for item in requests if not item.parent_id]
    expected["availability:shop responds"] = selected(shop, TESTS, hour)
    assert nodes.keys() == expected.keys()
    for node_id, items in expected.items():
        assert_statistics(nodes[node_id], items)
        assert nodes[node_id]["p50_ms"] == pytest.approx(percentile_ms(items, 0.5), rel=0.02)
        instances = {item.role_instance for item in items} if node_id.startswith("role:") else set()
        assert nodes[node_id]["instances"] == len(instances)


def test_connectors_of_the_map(get: Get, shop: list[Item], hour: TimeRange) -> None:
    edges = {(edge["source"], edge["target"]): edge for edge in the_map(get)["edges"]}
    ends = {MYSQL: f"dependency:MySQL|{MYSQL}", "api.payments.example": "dependency:HTTP|api.payments.example"}
    made = grouped(selected(shop, DEPENDENCIES, hour), ("role", "target"))
    expected = {
        (f"role:{role}", ends.get(target, f"role:{target.partition(':')[0]}")): calls
        for (role, target), calls in made.items()
    }
    entered = [item for item in selected(shop, REQUESTS, hour) if not item.parent_id]
    expected["client:client", "role:frontend"] = entered
    assert edges.keys() == expected.keys()
    for key, items in expected.items():
        assert_statistics(edges[key], items)


def test_panel_of_a_role(get: Get, shop: list[Item], hour: TimeRange) -> None:
    page = get("/map?node=role:orders")
    served = selected(shop, Selection(ItemType.REQUEST, role="orders"), hour)
    assert [words(figure) for figure in page.all("dd")][:3] == list(statistics_text(served))
    assert rows(page, "instances") == [
        " ".join((name, *statistics_text(items)))
        for (name,), items in sorted(
            grouped(served, ("role_instance",)).items(), key=lambda instance: (-weight(instance[1]), instance[0])
        )
    ]
    made = grouped(selected(shop, Selection(ItemType.DEPENDENCY, role="orders"), hour), ("target",))
    assert sorted(rows(page, "calls-to")) == sorted(
        " ".join((target, *statistics_text(calls))) for (target,), calls in made.items()
    )
    received = selected(shop, Selection(ItemType.DEPENDENCY, target="orders:8000"), hour)
    assert rows(page, "called-by") == [" ".join(("frontend", *statistics_text(received)))]


def test_operations_in_the_panel_of_a_role(get: Get, shop: list[Item], hour: TimeRange) -> None:
    operations = grouped(selected(shop, Selection(ItemType.REQUEST, role="frontend"), hour), ("name",))
    lines = [words(line) for line in get("/map?node=role:frontend").all("li") if "title" in line.attributes]
    slowest, failing = lines[: len(operations)], lines[len(operations) :]
    p95_ms = {name: percentile_ms(items, 0.95) or 0 for (name,), items in operations.items()}
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in slowest] == sorted(
        p95_ms, key=lambda name: -p95_ms[name]
    )
    for line in slowest:
        name, number, unit = line.rsplit(" ", 2)
        assert in_ms(f"{number} {unit}") == pytest.approx(p95_ms[name], rel=0.06)
    failures = {name: items for (name,), items in operations.items() if failed(items)}
    assert failing == [
        f"{name} {count(weight(failed(items)))} of {count(weight(items))}"
        for name, items in sorted(failures.items(), key=lambda operation: (-weight(failed(operation[1])), operation[0]))
    ]


def statistics_text(items: Iterable[Item]) -> tuple[str, str, str]:
    """Return calls, average and failed share as text."""
    found = list(items)
    return count(weight(found)), duration(average_ms(found)), percent(failed_percent(found))
