"""Filters of the map. Every test narrows the mesh, whose storage fails one call in five."""

from dataclasses import replace

import pytest

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_filters import ConnectorFilter, MapFilter, Measure, NameFilter, filtered
from support.example_maps import edges_of, failing_mesh, made, mesh


def names(shown: ApplicationMap) -> set[str]:
    return {node.name for node in shown.nodes}


def test_name_filter_keeps_nodes_that_contain_the_words_and_the_calls_among_them() -> None:
    left = filtered(mesh(), [NameFilter("O")])
    assert names(left) == {"echo", "frontend", "prompt", "storage"}
    assert set(edges_of(left)) == {("frontend", "echo"), ("frontend", "storage"), ("prompt", "frontend")}


def test_name_filter_finds_dependencies_by_their_type_as_well() -> None:
    assert names(filtered(mesh(), [NameFilter("mysql")])) == {"127.0.0.1:3306 | mesh"}


def test_excluding_name_filter_keeps_the_others() -> None:
    assert names(filtered(mesh(), [NameFilter("storage", excludes=True)])) == names(mesh()) - {"storage"}


@pytest.mark.parametrize(
    ("measure", "least", "kept"),
    [
        (Measure.FAILED_PERCENT, 20, {("frontend", "storage")}),
        (Measure.FAILED_PERCENT, 2, {("frontend", "storage"), ("client", "frontend")}),
        (Measure.FAILED_PERCENT, 20.1, set()),
        (Measure.CALLS, 11, {("client", "frontend")}),
        (Measure.AVERAGE_MS, 10, {("frontend", "storage"), ("client", "frontend")}),
        (Measure.P95_MS, 8, {("frontend", "storage"), ("client", "frontend")}),
    ],
)
def test_connector_filter_keeps_connectors_of_at_least_a_figure(
    measure: Measure, least: float, kept: set[tuple[str, str]]
) -> None:
    assert set(edges_of(filtered(failing_mesh(), [ConnectorFilter(measure, least)]))) == kept


def test_connector_filter_leaves_only_nodes_at_the_ends_of_connectors() -> None:
    assert names(filtered(failing_mesh(), [ConnectorFilter(Measure.CALLS, 11)])) == {"client", "frontend"}


def test_connector_without_a_duration_passes_no_filter_on_durations() -> None:
    unmeasured = replace(mesh(), edges=tuple(replace(edge, measured=made(0)) for edge in mesh().edges))
    assert filtered(unmeasured, [ConnectorFilter(Measure.AVERAGE_MS, 0)]).edges == ()


@pytest.mark.parametrize(("percentile", "kept"), [(1, 4), (50, 3), (75, 2), (76, 1), (99, 1)])
def test_percentile_is_that_of_all_connectors(percentile: float, kept: int) -> None:
    edges = tuple(replace(edge, measured=made(10 * number)) for number, edge in enumerate(mesh().edges, start=1))
    left = filtered(replace(mesh(), edges=edges), [ConnectorFilter(Measure.CALLS, percentile, is_percentile=True)])
    assert len(left.edges) == kept


def test_percentile_of_no_connectors_leaves_nothing() -> None:
    nobody = replace(mesh(), edges=())
    assert filtered(nobody, [ConnectorFilter(Measure.CALLS, 50, is_percentile=True)]).nodes == ()


def test_filters_apply_from_left_to_right() -> None:
    busiest: MapFilter = ConnectorFilter(Measure.CALLS, 99, is_percentile=True)
    without_client: MapFilter = NameFilter("client", excludes=True)
    assert set(edges_of(filtered(failing_mesh(), [busiest, without_client]))) == set()
    assert set(edges_of(filtered(failing_mesh(), [without_client, busiest]))) == {("frontend", "storage")}


def test_no_filter_leaves_everything() -> None:
    assert filtered(mesh(), []) == mesh()
