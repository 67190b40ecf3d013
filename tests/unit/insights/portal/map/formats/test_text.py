"""The map as text for a terminal."""

import pytest

from local_insights.model.application_map import application_map
from local_insights.model.call_rows import CallRows, LinkRow, MissingParentRow, RoleRow
from local_insights.model.statistics import CallStatistics
from local_insights.portal.map.formats.text import map_text
from support.example_maps import HOUR, failing_mesh, made, mesh, named_map, stored_map


def test_the_mesh_is_four_lines_indented_like_its_calls() -> None:
    assert map_text(mesh()) == (
        "prompt → frontend                            3 calls ·  44 ms · 0 % failed\n"
        "  frontend → echo                            3 calls · 6.0 ms · 0 % failed\n"
        "  frontend → storage                         3 calls ·  22 ms · 0 % failed\n"
        "    storage → MySQL 127.0.0.1:3306 | mesh    3 calls · 2.0 ms · 0 % failed\n"
    )


def test_trouble_is_named_without_colour() -> None:
    assert map_text(failing_mesh()) == (
        "client → frontend       100 calls ·  10 ms · 2.0 % failed  warning\n"
        "  frontend → storage     10 calls ·  10 ms ·  20 % failed  error\n"
        "  frontend → echo         3 calls · 6.0 ms ·   0 % failed\n"
    )


def test_every_edge_is_one_line_even_in_a_ring() -> None:
    ring = (("a", "b"), ("b", "a"), ("a", "a"))
    rows = CallRows((), tuple(LinkRow(caller, callee, "HTTP", "x", made(1)) for caller, callee in ring), (), ())
    lines = map_text(application_map(rows, HOUR)).splitlines()
    assert [line.partition("    ")[0] for line in lines] == ["a → a", "a → b", "  b → a"]


def test_every_edge_of_a_large_map_is_one_line() -> None:
    shown = stored_map("shop30")
    assert len(map_text(shown).splitlines()) == len(shown.edges)


def test_node_without_edges_and_notes_are_told() -> None:
    rows = CallRows((RoleRow("batch", 1, CallStatistics()),), (), (), (MissingParentRow("batch", 2),))
    assert map_text(application_map(rows, HOUR)) == (
        "batch    no requests, connected to nothing\nNote: 2 calls of batch name a caller that sent no telemetry.\n"
    )


def test_nothing_is_told_as_such() -> None:
    empty = application_map(CallRows((), (), (), ()), HOUR)
    assert map_text(empty) == "Note: No requests or dependencies in this time range.\n"


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\x9b2J", "two\nlines", "\u202egnitartne", "bell\x07", "\r\rhidden"])
def test_no_escape_sequence_reaches_the_terminal(name: str) -> None:
    text = map_text(named_map("caller", name))
    assert len(text.splitlines()) == 2
    assert all(character.isprintable() for character in text.replace("\n", ""))


def test_figures_stay_in_line_below_wide_characters() -> None:
    links = (LinkRow("日本語", "é", "HTTP", "x", made(1)), LinkRow("é", "z", "HTTP", "y", made(1)))
    wide, narrow = map_text(application_map(CallRows((), links, (), ()), HOUR)).splitlines()
    assert wide.index("1 call") + len("日本語") == narrow.index("1 call")
