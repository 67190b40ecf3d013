"""Telemetry of whole applications, generated from graphs: a connector becomes calls and requests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from local_insights.model.item import Item, ItemType
from local_insights.model.node_id import DependencyKey, dependency_id, role_id
from support.example_maps import GRAPHS
from support.items import EMPTY_ITEM

BROWSER_VIEWS = 40
"""Page views of every browser."""

_TYPES = {
    "database": "SQL",
    "cache": "Redis",
    "queue": "Queue Message | Azure Service Bus",
    "http": "HTTP",
    "storage": "Azure blob",
}


@dataclass(frozen=True)
class Connector:
    """Calls from one node to another."""

    source: str
    target: str
    calls: int
    failed: int
    average_us: int


@dataclass(frozen=True)
class Graph:
    """An application: the kind of each node (`service`, `client`, or a key of `_TYPES`), and its connectors.

    A leaf can be a dependency. A node that calls others is a role.
    """

    kinds: dict[str, str]
    connectors: list[Connector]

    def node_id(self, name: str) -> str:
        """Return the id of a node on the map."""
        if self.is_role(name):
            return role_id(name)
        return dependency_id(DependencyKey(_TYPES[self.kinds[name]], name))

    def is_role(self, name: str) -> bool:
        """Return True when a node sends telemetry."""
        return self.kinds[name] in {"service", "client"} or any(link.source == name for link in self.connectors)


def stored_graph(name: str) -> Graph:
    """Read a graph from a file: `mesh5`, `shop30` (32 nodes) or `dag200`."""
    graph = json.loads((GRAPHS / f"{name}.json").read_text())
    return Graph(
        {node["id"]: node["kind"] for node in graph["nodes"]},
        [
            Connector(edge["source"], edge["target"], edge["calls"], edge["failed"], round(1000 * edge["avg_ms"]))
            for edge in graph["edges"]
        ],
    )


def generated_graph(count: int) -> Graph:
    """Generate a graph of any size: three of five nodes are services, each with one caller, a third of them with two.

    The other nodes are dependencies; a service has up to six of one type, with no other caller. One connector in twelve
    has failures.
    """
    dice = Random(3)  # noqa: S311 - the same graph every time
    services = [f"service-{number:03}" for number in range(count * 3 // 5)]
    kinds = dict.fromkeys(services, "service")
    pairs = [(services[(number - 1) // 4], name) for number, name in enumerate(services) if number]
    pairs += [
        (dice.choice(services[: 1 + number // 2]), name) for number, name in enumerate(services) if number % 3 == 1
    ]
    while len(kinds) < count:
        caller, kind = dice.choice(services), dice.choice(list(_TYPES))
        for _ in range(min(dice.randint(1, 6), count - len(kinds))):
            name = f"{kind}-{len(kinds):03}"
            kinds[name] = kind
            pairs.append((caller, name))
    connectors = []
    for source, target in sorted(set(pairs)):
        calls = dice.randint(20, 2_000)
        failed = calls // dice.randint(5, 60) if dice.random() < 1 / 12 else 0
        connectors.append(Connector(source, target, calls, failed, dice.randint(900, 90_000)))
    return Graph(kinds, connectors)


def graph_items(graph: Graph, at_us: int) -> Iterator[Item]:
    """Yield the telemetry of a graph: per connector one successful and one failed call, each with the weight of all."""
    for number, link in enumerate(graph.connectors):
        for success in (True, False):
            weight = link.calls - link.failed if success else link.failed
            if weight:
                call = _call(graph, link, f"{number}-{'ok' if success else 'failed'}")._replace(
                    time_us=at_us, item_count=weight, success=success
                )
                yield call
                if graph.is_role(link.target):
                    yield _request(call, link.target)
    for name, kind in graph.kinds.items():
        if kind == "client":
            yield EMPTY_ITEM._replace(
                item_type=ItemType.PAGE_VIEW, role=name, name="/", time_us=at_us, item_count=BROWSER_VIEWS
            )


def _call(graph: Graph, link: Connector, operation: str) -> Item:
    kind = graph.kinds[link.target]
    over_http = "Fetch" if graph.kinds[link.source] == "client" else "HTTP"
    return EMPTY_ITEM._replace(
        item_type=ItemType.DEPENDENCY,
        role=link.source,
        operation_id=f"operation-{operation}",
        id=f"call-{operation}",
        name=f"call of {link.target}",
        dependency_type=over_http if graph.is_role(link.target) else _TYPES[kind],
        target=link.target,
        duration_us=link.average_us,
    )


def _request(call: Item, role: str) -> Item:
    return call._replace(
        item_type=ItemType.REQUEST, role=role, id=f"request-{call.id}", parent_id=call.id, dependency_type="", target=""
    )
