"""Properties of every layout, and crossings of the stored graphs."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.layout import Layout, Point, Spacing, layered_layout
from support.example_maps import edge_list

SPACING = Spacing(layer_gap=200, node_height=100, bend_height=30)
Edges = list[tuple[str, str]]

NAMES = [f"n{number}" for number in range(9)]
graphs = st.tuples(
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=16),
).map(lambda drawn: (drawn[0], [(drawn[0][a], drawn[0][b]) for a, b in drawn[1] if max(a, b) < len(drawn[0])]))


def laid_out(edges: Edges, isolated: Iterable[str] = (), hint: Layout | None = None) -> Layout:
    return layered_layout([*isolated, *(end for edge in edges for end in edge)], edges, SPACING, hint)


@cache
def laid_out_graph(name: str) -> Layout:
    return layered_layout(*edge_list(name), SPACING)


def columns(layout: Layout) -> list[list[str]]:
    by_column: dict[float, list[str]] = {}
    for name, _ in sorted(layout.points.items(), key=lambda item: item[1].y):
        by_column.setdefault(layout.points[name].x, []).append(name)
    return [by_column[x] for x in sorted(by_column)]


def test_mesh_is_laid_out_from_left_to_right() -> None:
    edges = [("prompt", "frontend"), ("frontend", "echo"), ("frontend", "storage"), ("storage", "mysql")]
    layout = laid_out(edges)
    assert columns(layout) == [["prompt"], ["frontend"], ["echo", "storage"], ["mysql"]]
    assert layout.crossings == 0
    assert layout.points["prompt"].y == pytest.approx(layout.points["frontend"].y, abs=1)
    assert layout.points["storage"].y == pytest.approx(layout.points["mysql"].y, abs=1)
    between = (layout.points["echo"].y + layout.points["storage"].y) / 2
    assert layout.points["frontend"].y == pytest.approx(between, abs=1)


@pytest.mark.parametrize(("name", "most_crossings"), [("mesh5", 0), ("shop30", 5), ("dag200", 500)])
def test_known_graphs_have_few_crossings(name: str, most_crossings: int) -> None:
    assert laid_out_graph(name).crossings <= most_crossings


@settings(max_examples=60)
@given(graphs)
def test_nodes_do_not_overlap_property(graph: tuple[list[str], Edges]) -> None:
    nodes, edges = graph
    layout = layered_layout(nodes, edges, SPACING)
    assert set(layout.points) == set(nodes)
    for one, other in combinations(layout.points.values(), 2):
        assert one.x != other.x or abs(one.y - other.y) >= SPACING.node_height - 1e-6
    assert all(point.y - SPACING.node_height / 2 + 1e-6 >= 0 for point in layout.points.values())
    assert all(point.y + SPACING.node_height / 2 <= layout.height + 1e-6 for point in layout.points.values())


@settings(max_examples=60)
@given(graphs)
def test_edges_pass_every_column_and_avoid_nodes_property(graph: tuple[list[str], Edges]) -> None:
    nodes, edges = graph
    layout = layered_layout(nodes, edges, SPACING)
    assert set(layout.routes) == {(source, target) for source, target in edges if source != target}
    for (source, target), route in layout.routes.items():
        assert (route[0], route[-1]) == (layout.points[source], layout.points[target])
        step = -SPACING.layer_gap if (source, target) in layout.reversed_edges else SPACING.layer_gap
        assert all(after.x - before.x == step for before, after in pairwise(route))
        for bend in route[1:-1]:
            assert all(
                bend.x != point.x or abs(bend.y - point.y) >= (SPACING.node_height + SPACING.bend_height) / 2 - 1e-6
                for point in layout.points.values()
            )


@settings(max_examples=40)
@given(graphs, st.randoms(use_true_random=False))
def test_input_order_has_no_effect_property(graph: tuple[list[str], Edges], random: Random) -> None:
    nodes, edges = graph
    expected = layered_layout(nodes, edges, SPACING)
    shuffled_nodes, shuffled_edges = [*nodes, nodes[0]], [*edges, *edges]
    random.shuffle(shuffled_nodes)
    random.shuffle(shuffled_edges)
    assert layered_layout(shuffled_nodes, shuffled_edges, SPACING) == expected


def test_hash_seed_has_no_effect() -> None:
    program = (
        "from support.example_maps import edge_list\n"
        "from local_insights.model.layout import Spacing, layered_layout\n"
        "layout = layered_layout(*edge_list('shop30'), Spacing(200, 100, 30))\n"
        "print(sorted(layout.points.items()), sorted(layout.routes.items()), sorted(layout.reversed_edges))"
    )
    outputs = Counter(
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "42")
    )
    assert list(outputs.values()) == [3]
    assert "gateway" in next(iter(outputs))


def test_acyclic_graph_has_no_reversed_edge() -> None:
    assert laid_out([("a", "b"), ("a", "c"), ("c", "b"), ("d", "b"), ("b", "e")]).reversed_edges == frozenset()


def test_call_back_to_the_caller_is_the_reversed_edge() -> None:
    layout = laid_out([("client", "orders"), ("orders", "shipping"), ("shipping", "orders")])
    assert layout.reversed_edges == {("shipping", "orders")}
    assert columns(layout) == [["client"], ["orders"], ["shipping"]]


def test_cycle_has_one_reversed_edge() -> None:
    layout = laid_out([("a", "b"), ("b", "c"), ("c", "a")])
    assert len(layout.reversed_edges) == 1
    assert len(columns(layout)) == 3


def test_self_loop_has_no_route() -> None:
    layout = laid_out([("a", "a"), ("a", "b")])
    assert set(layout.routes) == {("a", "b")}


def test_edge_to_an_unknown_node_is_rejected() -> None:
    with pytest.raises(KeyError):
        layered_layout(["a"], [("a", "b")], SPACING)


def test_empty_graph_has_an_empty_layout() -> None:
    layout = layered_layout([], [], SPACING)
    assert (layout.points, layout.routes, layout.height) == ({}, {}, 0)


def test_connected_components_are_stacked_largest_first() -> None:
    layout = laid_out([("x", "y"), ("a", "b"), ("b", "c")])
    assert max(layout.points[name].y for name in "abc") < min(layout.points[name].y for name in "xy")


def test_isolated_nodes_are_in_rows_at_the_bottom() -> None:
    layout = laid_out([("a", "b")], isolated=["l1", "l2", "l3", "l4", "l5"])
    bottom = layout.points["a"].y
    assert all(layout.points[name].y > bottom for name in ("l1", "l2", "l3", "l4", "l5"))
    assert [len(column) for column in columns(layout)] == [4, 3]


def test_entry_point_is_in_the_layer_before_its_callee() -> None:
    layout = laid_out([("a", "b"), ("b", "c"), ("late", "c")])
    assert columns(layout)[1] == ["b", "late"] or columns(layout)[1] == ["late", "b"]


@pytest.mark.parametrize("name", ["mesh5", "shop30", "dag200"])
def test_same_graph_with_its_own_layout_as_hint_does_not_move(name: str) -> None:
    before = laid_out_graph(name)
    assert layered_layout(*edge_list(name), SPACING, before) == before


def test_new_node_does_not_change_the_order_of_the_others() -> None:
    nodes, edges = edge_list("shop30")
    before = laid_out_graph("shop30")
    after = layered_layout([*nodes, "new"], [*edges, ("gateway", "new")], SPACING, before)
    assert [[name for name in column if name != "new"] for column in columns(after)] == columns(before)


def test_hint_without_common_nodes_has_no_effect() -> None:
    unrelated = laid_out([("x", "y")])
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    assert laid_out(edges, hint=unrelated) == laid_out(edges)


def test_long_edge_is_straight_if_unobstructed() -> None:
    layout = laid_out([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])
    bends = layout.routes["a", "d"][1:-1]
    assert len(bends) == 2
    assert bends[0].y == pytest.approx(bends[1].y, abs=0.5)


def test_long_edge_is_nearly_straight_along_a_busy_row() -> None:
    row = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    layout = laid_out([*row, ("b", "x"), ("c", "y"), ("d", "z"), ("a", "e")])
    bends = [bend.y for bend in layout.routes["a", "e"][1:-1]]
    assert max(bends) - min(bends) < SPACING.node_height / 5


def test_points_follow_the_spacing() -> None:
    layout = layered_layout(["a", "b"], [("a", "b")], Spacing(layer_gap=10, node_height=4, bend_height=1))
    assert layout.points == {"a": Point(0, 2), "b": Point(10, 2)}
