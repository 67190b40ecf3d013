"""How large maps are folded to the shape of a screen, and what stays true of them."""

from functools import cache
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.layout import Layout, Point, Spacing, layered_layout
from local_insights.model.layout.acyclic import edges_against_flow
from local_insights.model.layout.coordinates import heights
from local_insights.model.layout.folding import columns_for_screen, fold
from local_insights.model.layout.layering import Layering, layering
from local_insights.model.layout.ordering import order_anew
from local_insights.model.layout.placing import Places
from support.example_maps import edge_list
from support.graph_telemetry import grown_graph

SPACING = Spacing(layer_gap=270, node_height=30, bend_height=14)
COUNT = 9
edge_lists = st.sets(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda edge: edge[0] != edge[1])
).map(sorted)
column_counts = st.lists(st.integers(1, 4), min_size=COUNT, max_size=COUNT)


def ordered(edges: list[tuple[int, int]]) -> Layering:
    against = edges_against_flow(COUNT, edges)
    graph = layering(COUNT, sorted({(b, a) if (a, b) in against else (a, b) for a, b in edges}))
    order_anew(graph)
    return graph


def placed(graph: Layering, columns: list[int]) -> Places:
    return Places(fold(graph, columns[: len(graph.layers)], {}), SPACING)


def star(rays: int) -> tuple[list[str], list[tuple[str, str]]]:
    leaves = [f"leaf-{number:04}" for number in range(rays)]
    return ["hub", *leaves], [("hub", leaf) for leaf in leaves]


def grown(count: int) -> tuple[list[str], list[tuple[str, str]]]:
    graph = grown_graph(count)
    return list(graph.kinds), [(link.source, link.target) for link in graph.connectors]


@cache
def laid_out(count: int) -> Layout:
    return layered_layout(*grown(count), SPACING)


def width(layout: Layout) -> float:
    return max(point.x for point in layout.points.values()) + SPACING.column_gap


@given(edge_lists, column_counts)
def test_every_node_has_a_place_of_its_own(edges: list[tuple[int, int]], columns: list[int]) -> None:
    places = placed(ordered(edges), columns)
    for one, other in combinations(places.points[:COUNT], 2):
        assert abs(one.x - other.x) >= SPACING.column_gap - 1e-6 or abs(one.y - other.y) >= SPACING.node_height - 1e-6
    assert all(0 <= point.x <= places.width + 1e-6 for point in places.points)
    assert all(15 - 1e-6 <= point.y <= places.height - 15 + 1e-6 for point in places.points[:COUNT])


@given(edge_lists, column_counts)
def test_every_edge_runs_from_left_to_right_past_all_other_nodes(
    edges: list[tuple[int, int]], columns: list[int]
) -> None:
    graph = ordered(edges)
    places = placed(graph, columns)
    clear = 0.4 * SPACING.node_height
    for chain in graph.chains.values():
        route = places.route(chain)
        assert (route[0], route[-1]) == (places.points[chain[0]], places.points[chain[-1]])
        for before, after in pairwise(route):
            assert before.x < after.x
            passed = [point for point in places.points[:COUNT] if before.x < point.x < after.x]
            assert not passed or before.y == after.y
            assert all(abs(point.y - before.y) >= clear for point in passed)
        inner = [(place, node) for place in route[1:-1] for node in places.points[:COUNT] if place.x == node.x]
        assert all(abs(place.y - node.y) >= clear for place, node in inner)


@given(edge_lists)
def test_layers_of_one_column_are_as_high_as_without_folding(edges: list[tuple[int, int]]) -> None:
    graph = ordered(edges)
    room = [30.0 if vertex < COUNT else 14.0 for vertex in range(len(graph.up))]
    y = heights(graph, room)
    top = min(height - room[vertex] / 2 for vertex, height in enumerate(y))
    column = {vertex: index for index, layer in enumerate(graph.layers) for vertex in layer}
    expected = [Point(column[vertex] * 270, height - top) for vertex, height in enumerate(y)]
    assert placed(graph, [1] * COUNT).points == expected


@given(edge_lists, column_counts)
def test_rows_follow_the_order_of_their_layer(edges: list[tuple[int, int]], columns: list[int]) -> None:
    graph = ordered(edges)
    folding = fold(graph, columns[: len(graph.layers)], {})
    for layer in graph.layers:
        rows = [folding.row[vertex] for vertex in layer if vertex < COUNT]
        assert rows == sorted(rows)
        bends = [vertex for vertex in layer if vertex >= COUNT]
        assert all(folding.members[folding.row[bend]] == [bend] for bend in bends)


def test_in_a_row_those_that_call_others_stand_right() -> None:
    graph = Layering([[0], [1, 2, 3], [4]], [[], [0], [0], [0], [1]], [[1, 2, 3], [4], [], [], []], 5, {})
    assert fold(graph, [1, 3, 1], {}).members == [[0], [2, 3, 1], [4]]


def test_nodes_that_stood_in_two_rows_stay_in_two_when_one_of_them_goes() -> None:
    graph = Layering([[0, 1, 2, 3, 4]], [[]] * 5, [[]] * 5, 5, {})
    before = {0: 15.0, 2: 45.0, 3: 45.0, 4: 45.0}
    assert fold(graph, [3], before).members == [[0, 1], [2, 3, 4]]


def test_rows_of_before_are_given_up_when_they_have_become_too_many() -> None:
    graph = Layering([[0, 1, 2, 3, 4, 5]], [[]] * 6, [[]] * 6, 6, {})
    column = {vertex: 30.0 * vertex for vertex in range(6)}
    assert fold(graph, [3], column).members == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("graph", [edge_list("shop30"), edge_list("dag200"), grown(200), star(199)])
def test_up_to_two_hundred_nodes_no_layer_is_folded(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    layout = layered_layout(*graph, SPACING)
    assert all(point.x % SPACING.layer_gap == 0 for point in layout.points.values())
    for edge, route in layout.routes.items():
        steps = {abs(after.x - before.x) for before, after in pairwise(route)}
        assert steps == {SPACING.layer_gap}
        assert layout.bends[edge] == tuple(point.y for point in route[1:-1])


@pytest.mark.parametrize("count", [300, 1_000])
def test_large_map_has_the_shape_of_a_screen(count: int) -> None:
    layout = laid_out(count)
    assert 1.2 < width(layout) / layout.height < 2


def test_thousand_leaves_of_one_hub_have_the_shape_of_a_screen() -> None:
    layout = layered_layout(*star(1_000), SPACING)
    assert 1.2 < width(layout) / layout.height < 2


def test_large_graph_that_is_wide_by_itself_is_not_folded() -> None:
    ladder = layering(240, [(step, step + 1) for step in range(239)])
    assert columns_for_screen(ladder, SPACING) == [1] * 240


def test_large_map_with_its_own_layout_as_hint_does_not_move() -> None:
    before = laid_out(300)
    assert layered_layout(*grown(300), SPACING, before) == before


def test_map_that_grows_large_is_folded_although_its_earlier_layout_was_not() -> None:
    before = layered_layout(*grown(180), SPACING)
    after = layered_layout(*grown(300), SPACING, before)
    assert 1.2 < width(after) / after.height < 2


def test_newcomer_of_a_large_map_moves_its_row_and_what_that_has_no_room_for() -> None:
    nodes, edges = grown(300)
    before = laid_out(300)
    after = layered_layout([*nodes, "newcomer"], [*edges, (nodes[40], "newcomer")], SPACING, before)
    beside = {name for name in nodes if after.points[name].y == after.points["newcomer"].y} | {nodes[40]}
    moved = {name for name in nodes if after.points[name].x != before.points[name].x}
    assert len(moved - beside) <= 1
    by_height = sorted(nodes, key=lambda name: before.points[name].y)
    for one, other in pairwise(by_height):
        if before.points[one].x == before.points[other].x and not {one, other} & moved:
            assert after.points[one].y < after.points[other].y
