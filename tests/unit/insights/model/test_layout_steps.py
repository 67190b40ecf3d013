"""The steps of the layout, compared with simpler implementations."""

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.layout.acyclic import edges_to_reverse
from local_insights.model.layout.coordinates import heights
from local_insights.model.layout.layering import Layering, layering
from local_insights.model.layout.ordering import count_crossings, minimize_crossings

COUNT = 7
edge_lists = st.sets(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda edge: edge[0] != edge[1])
).map(sorted)


def has_cycle(edges: set[tuple[int, int]]) -> bool:
    left = set(range(COUNT))
    while entries := {vertex for vertex in left if not any(b == vertex and a in left for a, b in edges)}:
        left -= entries
    return bool(left)


def directed(edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    reverse = edges_to_reverse(COUNT, edges)
    return sorted({(b, a) if (a, b) in reverse else (a, b) for a, b in edges})


@given(edge_lists)
def test_graph_without_the_reversed_edges_is_acyclic_property(edges: list[tuple[int, int]]) -> None:
    assert not has_cycle(set(edges) - edges_to_reverse(COUNT, edges))


@given(edge_lists)
def test_every_reversed_edge_would_close_a_cycle_property(edges: list[tuple[int, int]]) -> None:
    reverse = edges_to_reverse(COUNT, edges)
    assert all(has_cycle((set(edges) - reverse) | {edge}) for edge in reverse)


def test_edges_away_from_the_entry_point_are_not_reversed() -> None:
    assert edges_to_reverse(3, [(0, 1), (1, 2), (2, 1)]) == {(2, 1)}


def test_the_edge_that_goes_back_farthest_is_reversed() -> None:
    entry, first, third, second = 3, 0, 1, 2
    ring = [(second, first), (first, third), (third, second)]
    assert edges_to_reverse(4, sorted([(entry, first), (entry, second), *ring])) == {(third, second)}


@given(edge_lists)
def test_layered_edges_connect_adjacent_layers_property(edges: list[tuple[int, int]]) -> None:
    graph = layering(COUNT, directed(edges))
    column = {vertex: index for index, layer in enumerate(graph.layers) for vertex in layer}
    assert sorted(column) == list(range(len(graph.up)))
    for (source, target), chain in graph.chains.items():
        assert (chain[0], chain[-1]) == (source, target)
        assert all(vertex >= graph.first_bend for vertex in chain[1:-1])
        assert all(column[after] == column[before] + 1 for before, after in pairwise(chain))
        assert all(after in graph.down[before] and before in graph.up[after] for before, after in pairwise(chain))


def crossings_one_by_one(graph: Layering) -> int:
    position = {vertex: index for layer in graph.layers for index, vertex in enumerate(layer)}
    return sum(
        (position[a] - position[b]) * (position[x] - position[y]) < 0
        for layer in graph.layers
        for a, b in combinations(layer, 2)
        for x in graph.down[a]
        for y in graph.down[b]
    )


@given(edge_lists)
def test_count_crossings_matches_pairwise_counting_property(edges: list[tuple[int, int]]) -> None:
    graph = layering(COUNT, directed(edges))
    assert count_crossings(graph.layers, graph.down) == crossings_one_by_one(graph)


@given(edge_lists)
def test_ordering_changes_only_the_order_and_never_adds_crossings_property(edges: list[tuple[int, int]]) -> None:
    graph = layering(COUNT, directed(edges))
    before, columns = count_crossings(graph.layers, graph.down), [sorted(layer) for layer in graph.layers]
    minimize_crossings(graph)
    assert [sorted(layer) for layer in graph.layers] == columns
    assert count_crossings(graph.layers, graph.down) <= before


def test_avoidable_crossing_is_removed() -> None:
    graph = layering(4, [(0, 3), (1, 2)])
    graph.layers = [[0, 1], [2, 3]]
    minimize_crossings(graph)
    assert count_crossings(graph.layers, graph.down) == 0


@given(edge_lists, st.lists(st.floats(1, 50), min_size=60, max_size=60))
def test_heights_preserve_order_and_minimum_distance_property(edges: list[tuple[int, int]], rooms: list[float]) -> None:
    graph = layering(COUNT, directed(edges))
    room = [rooms[vertex % len(rooms)] for vertex in range(len(graph.up))]
    y = heights(graph, room)
    for layer in graph.layers:
        for above, below in pairwise(layer):
            assert y[below] - y[above] >= (room[above] + room[below]) / 2 - 1e-6


def test_number_of_bends_is_limited() -> None:
    count = 400
    ladder = [(step, step + 1) for step in range(count - 1)] + [(0, step) for step in range(2, count)]
    graph = layering(count, ladder)
    bends = len(graph.up) - count
    assert 5_000 < bends <= 6_000
    assert set(graph.chains) == set(ladder)
    assert len(graph.chains[0, 50]) == 51
    assert graph.chains[0, count - 1] == [0, count - 1]
