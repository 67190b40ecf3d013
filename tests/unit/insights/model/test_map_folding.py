"""Folding of very large maps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import AvailabilityRow, CallRows, LinkRow, RoleRow, RootRequestRow
from local_insights.model.map_elements import EdgeTotals, Node
from local_insights.model.map_folding import MAX_NODES, fold_smallest
from local_insights.model.statistics import CallStatistics
from local_insights.portal.map.as_json import map_json
from support.example_maps import HOUR

TYPES = ("HTTP", "SQL", "")


def made(calls: int) -> CallStatistics:
    return CallStatistics(calls, calls // 3, calls * 1_000, {calls % 7: calls})


def targets(count: int) -> CallRows:
    links = tuple(
        LinkRow(f"r{number % 20}", None, "HTTP", f"host{number}", made(count - number)) for number in range(count)
    )
    return CallRows((), links, (), ())


def by_id(app_map: ApplicationMap) -> dict[str, Node]:
    return {node.id: node for node in app_map.nodes}


def test_map_with_very_many_targets_shows_the_most_called_and_sums_up_the_others() -> None:
    count = MAX_NODES + 2_000
    app_map = application_map(targets(count), HOUR)
    nodes = by_id(app_map)
    more = nodes.pop("more:dependency|HTTP")

    assert len(nodes) == MAX_NODES
    assert more.name == f"and {more.folded:,} more HTTP"
    assert more.folded == count + 20 - MAX_NODES
    assert {f"dependency:HTTP|host{number}" for number in range(count - more.folded)} < nodes.keys()
    assert nodes["dependency:HTTP|host0"].statistics == made(count)
    assert more.calls == sum(range(1, more.folded + 1))
    assert sum(edge.calls for edge in app_map.edges) == sum(range(1, count + 1))
    assert f"{more.folded:,} more nodes" in app_map.notes[0]
    document: dict[str, Any] = next(one for one in map_json(app_map)["nodes"] if one["id"] == more.id)
    assert document["folded"] == more.folded
    assert not any("folded" in one for one in map_json(app_map)["nodes"] if one["id"] != more.id)


def test_map_within_the_limit_is_unchanged() -> None:
    app_map = application_map(targets(MAX_NODES - 20), HOUR)
    assert (len(app_map.nodes), app_map.notes) == (MAX_NODES, ())


def test_roles_are_folded_after_dependencies() -> None:
    count = MAX_NODES + 10
    roles = tuple(RoleRow(f"r{number}", 1, made(number)) for number in range(count))
    roots = tuple(RootRequestRow(role.role, role.statistics) for role in roles)
    links = (LinkRow("r9", None, "SQL", "db", made(10**9)),)
    nodes = by_id(application_map(CallRows(roles, links, roots, ()), HOUR))
    assert nodes["more:role|"].name == "and 11 more services"
    assert nodes["more:role|"].statistics.calls == sum(range(9)) + 10 + 11
    assert nodes["more:dependency|SQL"].folded == 1
    assert nodes[f"role:r{count - 1}"].statistics == made(count - 1)


def test_preferred_nodes_are_shown_also_when_they_are_the_smallest() -> None:
    smallest = f"host{MAX_NODES + 99}"
    app_map = application_map(targets(MAX_NODES + 100), HOUR, lambda node: node.name == smallest)
    assert by_id(app_map)[f"dependency:HTTP|{smallest}"].calls == 1


@pytest.mark.parametrize("count", [2_000, 8_000])
def test_each_availability_test_reads_its_own_results_only(count: int) -> None:
    reads = 0

    class Results(tuple[AvailabilityRow, ...]):
        __slots__ = ()

        def __iter__(self) -> Any:  # noqa: ANN401 - an iterator
            nonlocal reads
            reads += 1
            return super().__iter__()

    tests = Results(AvailabilityRow(f"test {number}", None, made(1)) for number in range(count))
    application_map(CallRows((), (), (), (), availability=tests), HOUR)
    assert reads < 10


@given(
    calls=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(TYPES), st.integers(0, 9), st.integers(0, 99)), max_size=40
    ),
    max_nodes=st.integers(1, 20),
)
@with_settings(max_examples=60)
def test_totals_and_the_statistics_of_remaining_nodes_do_not_change(
    calls: list[tuple[int, str, int, int]], max_nodes: int
) -> None:
    edges = EdgeTotals()
    nodes: dict[str, Node] = {}
    for role, kind, target, number in calls:
        source = Node(id=f"role:{role}", kind="role", name=f"{role}", statistics=made(role))
        callee = Node(
            id=f"dependency:{kind}|{target}", kind="dependency", type=kind, name=f"{target}", statistics=made(target)
        )
        nodes |= {source.id: source, callee.id: callee}
        edges.add(source.id, callee.id, made(number))
    folded_nodes, folded_edges = fold_smallest(list(nodes.values()), edges, lambda _: False, max_nodes)

    more = [node for node in folded_nodes if node.folded]
    assert len(folded_nodes) - len(more) == min(max_nodes, len(nodes))
    assert sum(node.folded or 1 for node in folded_nodes) == len(nodes)
    assert all(nodes[node.id] is node for node in folded_nodes if not node.folded)
    for total in ("calls", "failed"):
        assert sum(getattr(node, total) for node in folded_nodes) == sum(getattr(one, total) for one in nodes.values())
        assert sum(getattr(edge, total) for edge in folded_edges.sorted()) == sum(
            getattr(edge, total) for edge in edges.sorted()
        )
    remaining = {node.id for node in folded_nodes if not node.folded}
    exact = {(edge.source, edge.target): edge for edge in edges.sorted()}
    for edge in folded_edges.sorted():
        if {edge.source, edge.target} <= remaining:
            assert edge == exact[edge.source, edge.target]
