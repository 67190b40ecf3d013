"""The map as text for a terminal."""

import pytest

from local_insights.model.application_map import application_map
from local_insights.model.call_rows import CallRows, LinkRow, MissingParentRow, RoleRow
from local_insights.model.statistics import CallStatistics
from local_insights.portal.map.formats.text import map_text
from support.example_maps import HOUR, failing_mesh, made, mesh, named_map, stored_map


def test_mesh_is_indented_by_call_depth() -> None:
    assert map_text(mesh()) == (
        "prompt → frontend                            3 calls ·  44 ms · 0 % failed\n"
        "  frontend → echo                            3 calls · 6.0 ms · 0 % failed\n"
        "  frontend → storage                         3 calls ·  22 ms · 0 % failed\n"
        "    storage → MySQL 127.0.0.1:3306 | mesh    3 calls · 2.0 ms · 0 % failed\n"
    )


def test_failing_calls_have_their_level_as_text() -> None:
    assert map_text(failing_mesh()) == (
        "client → frontend       100 calls ·  10 ms · 2.0 % failed  warning\n"
        "  frontend → storage     10 calls ·  10 ms ·  20 % failed  error\n"
        "  frontend → echo         3 calls · 6.0 ms ·   0 % failed\n"
    )


def test_every_edge_of_a_cycle_is_one_line() -> None:
    ring = (("a", "b"), ("b", "a"), ("a", "a"))
    rows = CallRows((), tuple(LinkRow(caller, callee, "HTTP", "x", made(1)) for caller, callee in ring), (), ())
    lines = map_text(application_map(rows, HOUR)).splitlines()
    assert [line.partition("    ")[0] for line in lines] == ["a → a", "a → b", "  b → a"]


def test_every_edge_of_a_large_map_is_one_line() -> None:
    shown = stored_map("shop30")
    assert len(map_text(shown).splitlines()) == len(shown.edges)


def test_isolated_nodes_and_notes_are_listed() -> None:
    rows = CallRows((RoleRow("audit", 1, CallStatistics()),), (), (), (MissingParentRow("batch", made(2)),))
    assert map_text(application_map(rows, HOUR)) == (
        "unknown caller → batch    2 calls · 10 ms · 0 % failed\n"
        "audit    no requests, connected to nothing\n"
        "Note: 2 calls of batch name a caller that sent no telemetry.\n"
    )


def test_empty_map_is_a_note() -> None:
    empty = application_map(CallRows((), (), (), ()), HOUR)
    assert map_text(empty) == "Note: No requests or dependencies in this time range.\n"


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\x9b2J", "two\nlines", "\u202egnitartne", "bell\x07", "\r\rhidden"])
def test_names_are_sanitized_for_terminals(name: str) -> None:
    text = map_text(named_map("caller", name))
    assert len(text.splitlines()) == 2
    assert all(character.isprintable() for character in text.replace("\n", ""))


def test_columns_are_aligned_with_wide_characters() -> None:
    links = (LinkRow("日本語", "é", "HTTP", "x", made(1)), LinkRow("é", "z", "HTTP", "y", made(1)))
    wide, narrow = map_text(application_map(CallRows((), links, (), ()), HOUR)).splitlines()
    assert wide.index("1 call") + len("日本語") == narrow.index("1 call")
