from datetime import UTC, datetime

from local_insights.model.application_map import application_map
from local_insights.model.time_range import TimeRange
from local_insights.portal.map.focus import focused, nodes_named
from support.fake_store import MESH

WHOLE = application_map(MESH, TimeRange(0, round(datetime(2026, 1, 1, tzinfo=UTC).timestamp())))
MYSQL_ID = "dependency:MySQL|127.0.0.1:3306 | mesh"


def names(words: str, hops: int) -> set[str]:
    part = focused(WHOLE, words, hops)
    assert part is not None
    return {node.name for node in part.nodes}


def test_one_hop_has_callers_and_callees() -> None:
    assert names("storage", 1) == {"frontend", "storage", "127.0.0.1:3306 | mesh"}


def test_two_hops_reach_their_neighbours() -> None:
    assert names("storage", 2) == {"client", "frontend", "echo", "storage", "127.0.0.1:3306 | mesh"}


def test_only_calls_between_shown_nodes_are_kept() -> None:
    part = focused(WHOLE, "echo", 1)
    assert part is not None
    assert {(edge.source, edge.target) for edge in part.edges} == {("role:frontend", "role:echo")}


def test_a_name_counts_before_a_part_of_a_name() -> None:
    assert nodes_named(WHOLE, "Echo") == {"role:echo"}
    assert nodes_named(WHOLE, "3306") == {MYSQL_ID}
    assert nodes_named(WHOLE, MYSQL_ID) == {MYSQL_ID}


def test_an_unknown_name_is_no_focus() -> None:
    assert focused(WHOLE, "nobody", 1) is None
