"""The map as DOT."""

import re

from hypothesis import given
from hypothesis import strategies as st

from local_insights.portal.map.formats.dot import map_dot
from support.example_maps import failing_mesh, mesh, named_map

STRING = r'"(?:[^"\\\n]|\\.)*"'
STATEMENT = re.compile(rf"  {STRING}(?: -> {STRING})? \[label={STRING}(?:, shape=\w+)?, color={STRING}\];")


def test_mesh_is_a_graph_from_left_to_right() -> None:
    lines = map_dot(mesh()).splitlines()
    assert lines[:2] == ["digraph application_map {", "  rankdir=LR;"]
    assert '  "role:echo" [label="echo\\n4.0 ms · 3 calls", shape=box, color="#768190"];' in lines
    assert '  "role:frontend" -> "role:echo" [label="3 calls · 6.0 ms · 0 % failed", color="#768190"];' in lines


def test_database_is_a_cylinder() -> None:
    line = next(line for line in map_dot(mesh()).splitlines() if line.startswith('  "dependency:'))
    assert line.startswith('  "dependency:MySQL|127.0.0.1:3306 | mesh" [label="MySQL 127.0.0.1:3306 | mesh\\n2.0 ms')
    assert "shape=cylinder" in line


def test_failing_edge_has_the_colour_of_its_level() -> None:
    line = next(line for line in map_dot(failing_mesh()).splitlines() if '-> "role:storage"' in line)
    assert line.endswith('[label="10 calls · 10 ms · 20 % failed", color="#c0212a"];')


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_stay_inside_their_quotes_property(one: str, other: str) -> None:
    lines = map_dot(named_map(one, other)).split("\n")
    assert lines[-2:] == ["}", ""]
    assert all(STATEMENT.fullmatch(line) for line in lines[4:-2])


def test_quotes_and_backslashes_are_escaped() -> None:
    assert '"role:a\\"b\\\\N"' in map_dot(named_map('a"b\\N'))
