"""Filters of the map. Most tests filter the mesh in which one storage call in five fails."""

from dataclasses import replace

import pytest

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_filters import ConnectorFilter, EdgeMetric, MapFilter, NameFilter, apply_filters
from support.example_maps import edges_of, failing_mesh, made, mesh


def names(shown: ApplicationMap) -> set[str]:
    return {node.name for node in shown.nodes}


def test_name_filter_selects_matching_nodes_and_the_calls_between_them() -> None:
    left = apply_filters(mesh(), [NameFilter("O")])
    assert names(left) == {"echo", "frontend", "prompt", "storage"}
    assert set(edges_of(left)) == {("frontend", "echo"), ("frontend", "storage"), ("prompt", "frontend")}


def test_name_filter_matches_dependency_types() -> None:
    assert names(apply_filters(mesh(), [NameFilter("mysql")])) == {"127.0.0.1:3306 | mesh"}


def test_excluding_name_filter_selects_the_other_nodes() -> None:
    assert names(apply_filters(mesh(), [NameFilter("storage", excludes=True)])) == names(mesh()) - {"storage"}


@pytest.mark.parametrize(
    ("metric", "minimum", "expected"),
    [
        (EdgeMetric.FAILED_PERCENT, 20, {("frontend", "storage")}),
        (EdgeMetric.FAILED_PERCENT, 2, {("frontend", "storage"), ("client", "frontend")}),
        (EdgeMetric.FAILED_PERCENT, 20.1, set()),
        (EdgeMetric.CALLS, 11, {("client", "frontend")}),
        (EdgeMetric.AVERAGE_MS, 10, {("frontend", "storage"), ("client", "frontend")}),
        (EdgeMetric.P95_MS, 8, {("frontend", "storage"), ("client", "frontend")}),
    ],
)
def test_connector_filter_selects_connectors_with_at_least_the_minimum(
    metric: EdgeMetric, minimum: float, expected: set[tuple[str, str]]
) -> None:
    assert set(edges_of(apply_filters(failing_mesh(), [ConnectorFilter(metric, minimum)]))) == expected


def test_connector_filter_selects_only_nodes_at_the_ends_of_connectors() -> None:
    assert names(apply_filters(failing_mesh(), [ConnectorFilter(EdgeMetric.CALLS, 11)])) == {"client", "frontend"}


def test_connector_without_a_duration_does_not_match_duration_filters() -> None:
    unmeasured = replace(mesh(), edges=tuple(replace(edge, statistics=made(0)) for edge in mesh().edges))
    assert apply_filters(unmeasured, [ConnectorFilter(EdgeMetric.AVERAGE_MS, 0)]).edges == ()


@pytest.mark.parametrize(("percentile", "count"), [(1, 4), (50, 3), (75, 2), (76, 1), (99, 1)])
def test_percentile_is_computed_over_all_connectors(percentile: float, count: int) -> None:
    edges = tuple(replace(edge, statistics=made(10 * number)) for number, edge in enumerate(mesh().edges, start=1))
    left = apply_filters(
        replace(mesh(), edges=edges), [ConnectorFilter(EdgeMetric.CALLS, percentile, is_percentile=True)]
    )
    assert len(left.edges) == count


def test_percentile_filter_without_connectors_returns_an_empty_map() -> None:
    without_edges = replace(mesh(), edges=())
    assert apply_filters(without_edges, [ConnectorFilter(EdgeMetric.CALLS, 50, is_percentile=True)]).nodes == ()


def test_filters_apply_from_left_to_right() -> None:
    busiest: MapFilter = ConnectorFilter(EdgeMetric.CALLS, 99, is_percentile=True)
    without_client: MapFilter = NameFilter("client", excludes=True)
    assert set(edges_of(apply_filters(failing_mesh(), [busiest, without_client]))) == set()
    assert set(edges_of(apply_filters(failing_mesh(), [without_client, busiest]))) == {("frontend", "storage")}


def test_without_filters_the_map_is_unchanged() -> None:
    assert apply_filters(mesh(), []) == mesh()
