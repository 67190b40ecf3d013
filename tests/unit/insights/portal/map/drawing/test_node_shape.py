"""The health ring of a node."""

import re
from dataclasses import replace

import pytest

from local_insights.model.layout import Point
from local_insights.portal.map.drawing.density import density
from local_insights.portal.map.drawing.node_shape import NodeShape, node_shape, ring_arcs
from support.example_maps import made, mesh

RADIUS = density(5).radius
ECHO = next(node for node in mesh().nodes if node.name == "echo")


def shape(failed_percent: float, calls: int = 1000) -> NodeShape:
    node = replace(ECHO, statistics=made(calls, round(calls * failed_percent / 100)))
    return node_shape(node, Point(0, 0), density(5))


def end(path: str) -> tuple[float, float]:
    x, y = re.findall(r"(-?[\d.]+),(-?[\d.]+)$", path)[0]
    return float(x), float(y)


@pytest.mark.parametrize("failed_percent", [0, 97.5, 100])
def test_ring_with_one_part_has_no_arcs(failed_percent: float) -> None:
    assert ring_arcs(shape(failed_percent)) == ("", "")


def test_25_percent_failed_is_a_quarter_of_the_ring() -> None:
    healthy, failed = ring_arcs(shape(25))
    assert failed.startswith(f"M0,{-RADIUS:g}A")
    assert end(failed) == (RADIUS, 0)
    assert " 0 1 1 " in healthy, "the healthy part is the larger arc"


def test_failed_arc_has_a_minimum_length() -> None:
    assert ring_arcs(shape(0.1)) == ring_arcs(shape(5))


def test_gaps_separate_the_failed_arc() -> None:
    healthy, failed = ring_arcs(shape(25))
    begin = healthy[1:].partition("A")[0]
    assert begin != ",".join(f"{number:g}" for number in end(failed))
    assert end(healthy) != (0, -RADIUS)


def test_node_without_calls_has_no_health() -> None:
    idle = shape(0, calls=0)
    assert not idle.has_health
    assert idle.summary == "no requests"
