"""What every layout keeps to, and how good those of known graphs are."""

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


def laid_out(edges: Edges, lonely: Iterable[str] = (), hint: Layout | None = None) -> Layout:
    return layered_layout([*lonely, *(end for edge in edges for end in edge)], edges, SPACING, hint)


@cache
def laid_out_graph(name: str) -> Layout:
    return layered_layout(*edge_list(name), SPACING)


def columns(layout: Layout) -> list[list[str]]:
    by_column: dict[float, list[str]] = {}
    for name, _ in sorted(layout.points.items(), key=lambda item: item[1].y):
        by_column.setdefault(layout.points[name].x, []).append(name)
    return [by_column[x] for x in sorted(by_column)]


def test_the_mesh_reads_from_left_to_right() -> None:
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
def test_every_node_has_a_place_of_its_own(graph: tuple[list[str], Edges]) -> None:
    nodes, edges = graph
    layout = layered_layout(nodes, edges, SPACING)
    assert set(layout.points) == set(nodes)
    for one, other in combinations(layout.points.values(), 2):
        assert one.x != other.x or abs(one.y - other.y) >= SPACING.node_height - 1e-6
    assert all(point.y - SPACING.node_height / 2 + 1e-6 >= 0 for point in layout.points.values())
    assert all(point.y + SPACING.node_height / 2 <= layout.height + 1e-6 for point in layout.points.values())


@settings(max_examples=60)
@given(graphs)
def test_every_edge_runs_column_by_column_past_all_other_nodes(graph: tuple[list[str], Edges]) -> None:
    nodes, edges = graph
    layout = layered_layout(nodes, edges, SPACING)
    assert set(layout.routes) == {(source, target) for source, target in edges if source != target}
    for (source, target), route in layout.routes.items():
        assert (route[0], route[-1]) == (layout.points[source], layout.points[target])
        step = -SPACING.layer_gap if (source, target) in layout.against_flow else SPACING.layer_gap
        assert all(after.x - before.x == step for before, after in pairwise(route))
        for bend in route[1:-1]:
            assert all(
                bend.x != point.x or abs(bend.y - point.y) >= (SPACING.node_height + SPACING.bend_height) / 2 - 1e-6
                for point in layout.points.values()
            )


@settings(max_examples=40)
@given(graphs, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(graph: tuple[list[str], Edges], random: Random) -> None:
    nodes, edges = graph
    expected = layered_layout(nodes, edges, SPACING)
    shuffled_nodes, shuffled_edges = [*nodes, nodes[0]], [*edges, *edges]
    random.shuffle(shuffled_nodes)
    random.shuffle(shuffled_edges)
    assert layered_layout(shuffled_nodes, shuffled_edges, SPACING) == expected


def test_the_hash_seed_does_not_matter() -> None:
    program = (
        "from support.example_maps import edge_list\n"
        "from local_insights.model.layout import Spacing, layered_layout\n"
        "layout = layered_layout(*edge_list('shop30'), Spacing(200, 100, 30))\n"
        "print(sorted(layout.points.items()), sorted(layout.routes.items()), sorted(layout.against_flow))"
    )
    pictures = Counter(
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "42")
    )
    assert list(pictures.values()) == [3]
    assert "gateway" in next(iter(pictures))


def test_graph_without_cycle_has_no_edge_against_the_flow() -> None:
    assert laid_out([("a", "b"), ("a", "c"), ("c", "b"), ("d", "b"), ("b", "e")]).against_flow == frozenset()


def test_answering_call_is_the_one_drawn_against_the_flow() -> None:
    layout = laid_out([("client", "orders"), ("orders", "shipping"), ("shipping", "orders")])
    assert layout.against_flow == {("shipping", "orders")}
    assert columns(layout) == [["client"], ["orders"], ["shipping"]]


def test_nodes_that_call_each_other_in_a_ring_are_still_laid_out() -> None:
    layout = laid_out([("a", "b"), ("b", "c"), ("c", "a")])
    assert len(layout.against_flow) == 1
    assert len(columns(layout)) == 3


def test_call_to_oneself_has_no_route() -> None:
    layout = laid_out([("a", "a"), ("a", "b")])
    assert set(layout.routes) == {("a", "b")}


def test_edge_between_unknown_nodes_is_refused() -> None:
    with pytest.raises(KeyError):
        layered_layout(["a"], [("a", "b")], SPACING)


def test_nothing_to_lay_out_is_an_empty_drawing() -> None:
    layout = layered_layout([], [], SPACING)
    assert (layout.points, layout.routes, layout.height) == ({}, {}, 0)


def test_parts_that_are_not_connected_stand_below_each_other_the_largest_first() -> None:
    layout = laid_out([("x", "y"), ("a", "b"), ("b", "c")])
    assert max(layout.points[name].y for name in "abc") < min(layout.points[name].y for name in "xy")


def test_nodes_without_edges_fill_rows_below_the_rest() -> None:
    layout = laid_out([("a", "b")], lonely=["l1", "l2", "l3", "l4", "l5"])
    bottom = layout.points["a"].y
    assert all(layout.points[name].y > bottom for name in ("l1", "l2", "l3", "l4", "l5"))
    assert [len(column) for column in columns(layout)] == [4, 3]


def test_entry_stands_just_before_what_it_enters() -> None:
    layout = laid_out([("a", "b"), ("b", "c"), ("late", "c")])
    assert columns(layout)[1] == ["b", "late"] or columns(layout)[1] == ["late", "b"]


@pytest.mark.parametrize("name", ["mesh5", "shop30", "dag200"])
def test_same_graph_with_its_own_layout_as_hint_does_not_move(name: str) -> None:
    before = laid_out_graph(name)
    assert layered_layout(*edge_list(name), SPACING, before) == before


def test_new_node_leaves_the_order_of_the_others_as_it_was() -> None:
    nodes, edges = edge_list("shop30")
    before = laid_out_graph("shop30")
    after = layered_layout([*nodes, "newcomer"], [*edges, ("gateway", "newcomer")], SPACING, before)
    assert [[name for name in column if name != "newcomer"] for column in columns(after)] == columns(before)


def test_hint_that_knows_none_of_the_nodes_changes_nothing() -> None:
    elsewhere = laid_out([("x", "y")])
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    assert laid_out(edges, hint=elsewhere) == laid_out(edges)


def test_long_edge_is_straight_where_nothing_is_in_its_way() -> None:
    layout = laid_out([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])
    bends = layout.routes["a", "d"][1:-1]
    assert len(bends) == 2
    assert bends[0].y == pytest.approx(bends[1].y, abs=0.5)


def test_long_edge_stays_nearly_straight_beside_a_busy_row() -> None:
    row = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    layout = laid_out([*row, ("b", "x"), ("c", "y"), ("d", "z"), ("a", "e")])
    bends = [bend.y for bend in layout.routes["a", "e"][1:-1]]
    assert max(bends) - min(bends) < SPACING.node_height / 5


def test_points_are_where_the_spacing_says() -> None:
    layout = layered_layout(["a", "b"], [("a", "b")], Spacing(layer_gap=10, node_height=4, bend_height=1))
    assert layout.points == {"a": Point(0, 2), "b": Point(10, 2)}
