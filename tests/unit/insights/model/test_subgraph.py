"""Subgraphs of the map."""

from datetime import UTC, datetime

from local_insights.model.application_map import application_map
from local_insights.model.subgraph import find_nodes, focus_on
from local_insights.model.time_range import TimeRange
from support.fake_store import MESH

WHOLE = application_map(MESH, TimeRange(0, round(datetime(2026, 1, 1, tzinfo=UTC).timestamp())))
MYSQL_ID = "dependency:MySQL|127.0.0.1:3306 | mesh"


def names(text: str, hops: int) -> set[str]:
    part = focus_on(WHOLE, text, hops)
    assert part is not None
    return {node.name for node in part.nodes}


def test_one_hop_includes_callers_and_callees() -> None:
    assert names("storage", 1) == {"frontend", "storage", "127.0.0.1:3306 | mesh"}


def test_two_hops_include_the_neighbours_of_neighbours() -> None:
    assert names("storage", 2) == {"client", "frontend", "echo", "storage", "127.0.0.1:3306 | mesh"}


def test_focus_includes_only_calls_between_included_nodes() -> None:
    part = focus_on(WHOLE, "echo", 1)
    assert part is not None
    assert {(edge.source, edge.target) for edge in part.edges} == {("role:frontend", "role:echo")}


def test_exact_name_takes_precedence_over_substring() -> None:
    assert find_nodes(WHOLE, "Echo") == {"role:echo"}
    assert find_nodes(WHOLE, "3306") == {MYSQL_ID}
    assert find_nodes(WHOLE, MYSQL_ID) == {MYSQL_ID}


def test_focus_on_an_unknown_name_returns_none() -> None:
    assert focus_on(WHOLE, "unknown", 1) is None
