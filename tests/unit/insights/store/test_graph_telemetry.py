"""Maps of whole applications: every node and number is compared with the graph that the telemetry was made from."""

from collections import Counter
from collections.abc import Callable

import pytest

from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.graph_telemetry import BROWSER_VIEWS, Graph, generated_graph, graph_items, stored_graph
from support.items import HOUR_US, NOON_US

HOUR = TimeRange(NOON_US, NOON_US + HOUR_US)
GRAPHS: dict[str, tuple[Callable[[], Graph], int]] = {
    "shop": (lambda: stored_graph("shop30"), 32),
    "two hundred": (lambda: stored_graph("dag200"), 200),
    "a thousand": (lambda: generated_graph(1_000), 1_000),
}


def mapped(store: Store) -> ApplicationMap:
    return application_map(store.call_rows(HOUR), HOUR)


@pytest.mark.anyio
@pytest.mark.parametrize("name", GRAPHS)
async def test_map_has_the_nodes_and_numbers_of_the_graph(name: str, store: Store) -> None:
    make, count = GRAPHS[name]
    graph = make()
    await store.append(list(graph_items(graph, NOON_US + HOUR_US // 2)))
    shown = mapped(store)
    assert len(graph.kinds) == count
    assert {node.id for node in shown.nodes} == {graph.node_id(name) for name in graph.kinds}
    assert {
        (edge.source, edge.target): (edge.calls, edge.failed, round(1000 * (edge.average_ms or 0)))
        for edge in shown.edges
    } == {
        (graph.node_id(link.source), graph.node_id(link.target)): (link.calls, link.failed, link.average_us)
        for link in graph.connectors
    }
    served = Counter[str]()
    for link in graph.connectors:
        served[link.target] += link.calls
    expected = {
        graph.node_id(name): BROWSER_VIEWS if kind == "client" else served[name] for name, kind in graph.kinds.items()
    }
    assert {node.id: node.calls for node in shown.nodes} == expected
    assert all("sample" in note for note in shown.notes)


@pytest.mark.anyio
async def test_roles_with_page_views_are_browsers(store: Store) -> None:
    await store.append(list(graph_items(stored_graph("shop30"), NOON_US)))
    assert {node.name for node in mapped(store).nodes if node.kind == "browser"} == {"web", "mobile"}
