"""Folding of large maps, and properties of folded layouts."""

from functools import cache
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.layout import Layout, Point, Spacing, layered_layout
from local_insights.model.layout.acyclic import edges_to_reverse
from local_insights.model.layout.coordinates import heights
from local_insights.model.layout.folding import columns_for_screen, fold
from local_insights.model.layout.layering import Layering, layering
from local_insights.model.layout.ordering import minimize_crossings
from local_insights.model.layout.placement import Placement
from support.example_maps import edge_list
from support.graph_telemetry import generated_graph

SPACING = Spacing(layer_gap=270, node_height=30, bend_height=14)
COUNT = 9
edge_lists = st.sets(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda edge: edge[0] != edge[1])
).map(sorted)
column_counts = st.lists(st.integers(1, 4), min_size=COUNT, max_size=COUNT)


def ordered(edges: list[tuple[int, int]]) -> Layering:
    reverse = edges_to_reverse(COUNT, edges)
    graph = layering(COUNT, sorted({(b, a) if (a, b) in reverse else (a, b) for a, b in edges}))
    minimize_crossings(graph)
    return graph


def placement_of(graph: Layering, columns: list[int]) -> Placement:
    return Placement(fold(graph, columns[: len(graph.layers)], {}), SPACING)


def star(rays: int) -> tuple[list[str], list[tuple[str, str]]]:
    leaves = [f"leaf-{number:04}" for number in range(rays)]
    return ["hub", *leaves], [("hub", leaf) for leaf in leaves]


def grown(count: int) -> tuple[list[str], list[tuple[str, str]]]:
    graph = generated_graph(count)
    return list(graph.kinds), [(link.source, link.target) for link in graph.connectors]


@cache
def laid_out(count: int) -> Layout:
    return layered_layout(*grown(count), SPACING)


def width(layout: Layout) -> float:
    return max(point.x for point in layout.points.values()) + SPACING.column_gap


@given(edge_lists, column_counts)
def test_nodes_do_not_overlap_property(edges: list[tuple[int, int]], columns: list[int]) -> None:
    placement = placement_of(ordered(edges), columns)
    for one, other in combinations(placement.points[:COUNT], 2):
        assert abs(one.x - other.x) >= SPACING.column_gap - 1e-6 or abs(one.y - other.y) >= SPACING.node_height - 1e-6
    assert all(0 <= point.x <= placement.width + 1e-6 for point in placement.points)
    assert all(15 - 1e-6 <= point.y <= placement.height - 15 + 1e-6 for point in placement.points[:COUNT])


@given(edge_lists, column_counts)
def test_edges_run_from_left_to_right_and_avoid_nodes_property(
    edges: list[tuple[int, int]], columns: list[int]
) -> None:
    graph = ordered(edges)
    placement = placement_of(graph, columns)
    clear = 0.4 * SPACING.node_height
    for chain in graph.chains.values():
        route = placement.route(chain)
        assert (route[0], route[-1]) == (placement.points[chain[0]], placement.points[chain[-1]])
        for before, after in pairwise(route):
            assert before.x < after.x
            passed = [point for point in placement.points[:COUNT] if before.x < point.x < after.x]
            assert not passed or before.y == after.y
            assert all(abs(point.y - before.y) >= clear for point in passed)
        inner = [(point, node) for point in route[1:-1] for node in placement.points[:COUNT] if point.x == node.x]
        assert all(abs(point.y - node.y) >= clear for point, node in inner)


@given(edge_lists)
def test_layers_of_one_column_have_the_coordinates_of_an_unfolded_layout_property(edges: list[tuple[int, int]]) -> None:
    graph = ordered(edges)
    room = [30.0 if vertex < COUNT else 14.0 for vertex in range(len(graph.up))]
    y = heights(graph, room)
    top = min(height - room[vertex] / 2 for vertex, height in enumerate(y))
    column = {vertex: index for index, layer in enumerate(graph.layers) for vertex in layer}
    expected = [Point(column[vertex] * 270, height - top) for vertex, height in enumerate(y)]
    assert placement_of(graph, [1] * COUNT).points == expected


@given(edge_lists, column_counts)
def test_rows_follow_the_order_of_their_layer_property(edges: list[tuple[int, int]], columns: list[int]) -> None:
    graph = ordered(edges)
    folding = fold(graph, columns[: len(graph.layers)], {})
    for layer in graph.layers:
        rows = [folding.row[vertex] for vertex in layer if vertex < COUNT]
        assert rows == sorted(rows)
        bends = [vertex for vertex in layer if vertex >= COUNT]
        assert all(folding.members[folding.row[bend]] == [bend] for bend in bends)


def test_nodes_with_outgoing_edges_are_at_the_right_of_their_row() -> None:
    graph = Layering([[0], [1, 2, 3], [4]], [[], [0], [0], [0], [1]], [[1, 2, 3], [4], [], [], []], 5, {})
    assert fold(graph, [1, 3, 1], {}).members == [[0], [2, 3, 1], [4]]


def test_nodes_of_two_rows_stay_in_two_rows_after_a_node_is_removed() -> None:
    graph = Layering([[0, 1, 2, 3, 4]], [[]] * 5, [[]] * 5, 5, {})
    before = {0: 15.0, 2: 45.0, 3: 45.0, 4: 45.0}
    assert fold(graph, [3], before).members == [[0, 1], [2, 3, 4]]


def test_earlier_rows_are_dropped_if_there_would_be_too_many() -> None:
    graph = Layering([[0, 1, 2, 3, 4, 5]], [[]] * 6, [[]] * 6, 6, {})
    column = {vertex: 30.0 * vertex for vertex in range(6)}
    assert fold(graph, [3], column).members == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("graph", [edge_list("shop30"), edge_list("dag200"), grown(200), star(199)])
def test_graphs_of_up_to_200_nodes_are_not_folded(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    layout = layered_layout(*graph, SPACING)
    assert all(point.x % SPACING.layer_gap == 0 for point in layout.points.values())
    for edge, route in layout.routes.items():
        steps = {abs(after.x - before.x) for before, after in pairwise(route)}
        assert steps == {SPACING.layer_gap}
        assert layout.bends[edge] == tuple(point.y for point in route[1:-1])


@pytest.mark.parametrize("count", [300, 1_000])
def test_large_map_has_the_aspect_ratio_of_a_screen(count: int) -> None:
    layout = laid_out(count)
    assert 1.2 < width(layout) / layout.height < 2


def test_star_of_1000_leaves_has_the_aspect_ratio_of_a_screen() -> None:
    layout = layered_layout(*star(1_000), SPACING)
    assert 1.2 < width(layout) / layout.height < 2


def test_large_graph_that_is_already_wide_is_not_folded() -> None:
    ladder = layering(240, [(step, step + 1) for step in range(239)])
    assert columns_for_screen(ladder, SPACING) == [1] * 240


def test_large_map_with_its_own_layout_as_hint_does_not_move() -> None:
    before = laid_out(300)
    assert layered_layout(*grown(300), SPACING, before) == before


def test_map_that_grows_large_is_folded_despite_an_unfolded_hint() -> None:
    before = layered_layout(*grown(180), SPACING)
    after = layered_layout(*grown(300), SPACING, before)
    assert 1.2 < width(after) / after.height < 2


def test_new_node_of_a_large_map_moves_only_its_row_and_overflow() -> None:
    nodes, edges = grown(300)
    before = laid_out(300)
    after = layered_layout([*nodes, "new"], [*edges, (nodes[40], "new")], SPACING, before)
    same_row = {name for name in nodes if after.points[name].y == after.points["new"].y} | {nodes[40]}
    moved = {name for name in nodes if after.points[name].x != before.points[name].x}
    assert len(moved - same_row) <= 1
    by_height = sorted(nodes, key=lambda name: before.points[name].y)
    for one, other in pairwise(by_height):
        if before.points[one].x == before.points[other].x and not {one, other} & moved:
            assert after.points[one].y < after.points[other].y
