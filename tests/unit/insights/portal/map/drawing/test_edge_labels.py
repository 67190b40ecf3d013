"""Positions of edge labels, and their priority if there is not enough space."""

from local_insights.model.health import Level
from local_insights.model.layout import Point
from local_insights.model.map_elements import Edge
from local_insights.portal.map.drawing.box import Box
from local_insights.portal.map.drawing.curve import flowing
from local_insights.portal.map.drawing.density import density
from local_insights.portal.map.drawing.edge_labels import EdgeLabel, edge_labels
from local_insights.portal.map.drawing.edge_shape import EdgeShape
from support.example_maps import made

COMPACT = density(30)


def line(name: str, length: float, *, y: float = 0, calls: int = 10, level: Level = Level.OK) -> EdgeShape:
    edge = Edge(source=name, target="target", statistics=made(calls, calls // 2 if level is Level.ERROR else 0))
    return EdgeShape(edge, flowing([Point(0, y), Point(length, y)]), level, 1)


def text(label: EdgeLabel) -> str:
    return "".join(span.text for row in label.lines for span in row)


def middle(label: EdgeLabel) -> float:
    return (label.box.left + label.box.right) / 2


def test_label_is_in_the_middle_of_its_line() -> None:
    (label,) = edge_labels([line("a", 200)], [], COMPACT)
    assert middle(label) == 100
    assert text(label) == "10 ms · 10"


def test_label_does_not_cover_a_node() -> None:
    node = Box(80, -20, 120, 20)
    (label,) = edge_labels([line("a", 300)], [node], COMPACT)
    assert not label.box.overlaps(node)


def test_label_leaves_the_middle_to_avoid_another_line() -> None:
    crossing = EdgeShape(
        Edge(source="c", target="x", statistics=made(1, each_ms=9)),
        flowing([Point(190, -60), Point(210, 60)]),
        Level.OK,
        1,
    )
    label = next(label for label in edge_labels([line("a", 400), crossing], [], COMPACT) if label.shape is not crossing)
    assert middle(label) != 200
    assert not any(label.box.contains(point.x, point.y) for point in crossing.curve.samples)


def test_failing_edge_is_labelled_before_edges_with_more_calls() -> None:
    quiet, busy = line("quiet", 120, calls=1, level=Level.ERROR), line("busy", 120, calls=1000)
    labels = edge_labels([busy, quiet], [], COMPACT)
    assert [label.shape.edge.source for label in labels] == ["quiet"]


def test_edge_with_more_calls_is_labelled_first() -> None:
    labels = edge_labels([line("quiet", 80, calls=1), line("busy", 80, calls=1000)], [], COMPACT)
    assert [label.shape.edge.source for label in labels] == ["busy"]


def test_failing_edge_without_space_shows_only_its_failed_percentage() -> None:
    walls = [Box(-100, -20, 35, 20), Box(85, -20, 300, 20)]
    (label,) = edge_labels([line("a", 120, level=Level.ERROR)], walls, COMPACT)
    assert text(label) == "50 %"


def test_edge_without_space_has_no_label() -> None:
    assert edge_labels([line("a", 120)], [Box(-100, -20, 300, 20)], COMPACT) == []


def test_small_map_has_stacked_labels() -> None:
    (label,) = edge_labels([line("a", 200, level=Level.ERROR)], [], density(5))
    assert [span.text for row in label.lines for span in row] == ["10 ms", "10 calls", "50 % failed"]


def test_large_map_has_no_labels() -> None:
    assert edge_labels([line("a", 200)], [], density(200)) == []
