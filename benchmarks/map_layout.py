"""Measure the time and the crossings of the map's layout, and the time of its drawing, for stored and large graphs.

    .venv/bin/python benchmarks/map_layout.py

`hint ms` is the time for the same graph with one more node and the earlier layout as a hint. `draw ms` is the time
to draw the SVG of the page with a cached layout, as on every refresh; `KB` is its size.
"""

import json
import time
from pathlib import Path
from random import Random

from local_insights.model.application_map import ApplicationMap
from local_insights.model.layout import Layout, Spacing, layered_layout
from local_insights.model.map_elements import Edge, Node
from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange
from local_insights.portal.map.drawing.layout import map_layout
from local_insights.portal.map.drawing.svg import map_svg

GRAPHS = Path(__file__).parents[1] / "tests" / "graphs"
SPACING = Spacing(layer_gap=214, node_height=96, bend_height=28)
TARGETS = {
    "mesh5": "0 crossings",
    "shop30": "<= 5 crossings, < 150 ms, hint < 100 ms",
    "dag200": "<= 537 crossings, < 800 ms, hint < 100 ms",
    "generated": "ends; draw < 500 ms",
    "shallow": "ends; draw < 500 ms",
}
RUNS = 3
CALLS = CallStatistics(918, 13, 918 * 164_000, {600: 918})

Graph = tuple[list[str], list[tuple[str, str]]]


def stored(name: str) -> Graph:
    """Return a graph of the test data."""
    graph = json.loads((GRAPHS / f"{name}.json").read_text())
    return [node["id"] for node in graph["nodes"]], [(edge["source"], edge["target"]) for edge in graph["edges"]]


def generated(count: int) -> Graph:
    """Return a graph in which every node calls one to three others, mostly later ones."""
    rng = Random(7)  # noqa: S311 - the same graph every time
    names = [f"service-{number:04}" for number in range(count)]
    edges = []
    for number in range(count):
        for _ in range(rng.choice((1, 1, 2, 3))):
            reach = rng.randint(-3, count // 8)
            edges.append((names[number], names[max(0, min(count - 1, number + reach))]))
    return names, edges


def shallow(count: int) -> Graph:
    """Return a tree of degree five in which every third node has a second caller: few, large layers."""
    rng = Random(7)  # noqa: S311 - the same graph every time
    names = [f"service-{number:04}" for number in range(count)]
    edges = [(names[(number - 1) // 5], names[number]) for number in range(1, count)]
    edges += [(names[rng.randrange(number // 3)], names[number]) for number in range(3, count, 3)]
    return names, edges


def timed(graph: Graph, hint: Layout | None = None) -> tuple[Layout, float]:
    """Return the layout and its median time in milliseconds."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        layout = layered_layout(*graph, SPACING, hint)
        times.append(1000 * (time.perf_counter() - began))
    return layout, sorted(times)[RUNS // 2]


def drawn(graph: Graph) -> tuple[int, float]:
    """Return the size of the SVG in bytes and the median time to draw it in milliseconds."""
    nodes, edges = graph
    shown = ApplicationMap(
        TimeRange(0, 3_600_000_000),
        tuple(Node(id=name, kind="role", name=name, statistics=CALLS) for name in nodes),
        tuple(Edge(source=source, target=target, statistics=CALLS) for source, target in sorted(set(edges))),
        (),
    )
    layout = map_layout(shown)
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        drawing = map_svg(shown, theme="page", layout=layout)
        times.append(1000 * (time.perf_counter() - began))
    return len(drawing), sorted(times)[RUNS // 2]


def main() -> None:
    """Print the table."""
    graphs = {name: stored(name) for name in ("mesh5", "shop30", "dag200")}
    graphs |= {"generated": generated(1000), "shallow": shallow(1000)}
    heads = f"{'crossings':>9} {'ms':>7} {'hint ms':>7} {'draw ms':>7} {'KB':>5}"
    print(f"{'graph':<10} {'nodes':>5} {'edges':>5} {heads}   target")
    for name, (nodes, edges) in graphs.items():
        layout, again_ms = timed((nodes, edges))
        grown = ([*nodes, "new"], [*edges, (nodes[0], "new")])
        _, hint_ms = timed(grown, layout)
        size, draw_ms = drawn((nodes, edges))
        times = f"{again_ms:>7,.0f} {hint_ms:>7,.0f} {draw_ms:>7,.0f} {size / 1000:>5,.0f}"
        print(f"{name:<10} {len(nodes):>5} {len(set(edges)):>5} {layout.crossings:>9,} {times}   {TARGETS[name]}")


if __name__ == "__main__":
    main()
