"""Grouping of dependencies. Every test starts from a role that calls four hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import CallRows, LinkRow
from local_insights.model.grouping import MIN_GROUP_SIZE, group_dependencies
from local_insights.model.map_elements import Node
from local_insights.model.node_id import group_id
from support.example_maps import HOUR, edges_of, made

HOSTS = tuple(LinkRow("shop", None, "HTTP", f"host-{number}", made(10, failed=number)) for number in range(4))
GROUP = "group:HTTP|shop"


def mapped(*links: LinkRow) -> ApplicationMap:
    return application_map(CallRows((), links, (), ()), HOUR)


def groups(shown: ApplicationMap) -> list[Node]:
    return [node for node in shown.nodes if node.kind == "group"]


def test_dependencies_of_one_type_and_caller_become_one_node_with_the_summed_statistics() -> None:
    shown = group_dependencies(mapped(*HOSTS))
    (group,) = groups(shown)
    assert (group.id, group.name, group.type, group.calls, group.failed) == (GROUP, "4 HTTP", "HTTP", 40, 6)
    assert group.members == tuple(f"dependency:HTTP|host-{number}" for number in range(4))
    assert {(edge.source, edge.target): (edge.calls, edge.failed) for edge in shown.edges} == {
        ("role:shop", GROUP): (40, 6)
    }


def test_percentiles_of_a_group_are_computed_over_all_its_calls() -> None:
    slow = LinkRow("shop", None, "HTTP", "slow", made(60, each_ms=500))
    (group,) = groups(group_dependencies(mapped(*HOSTS, slow)))
    assert group.p50_ms == pytest.approx(500, rel=0.02)
    assert group.average_ms == pytest.approx((40 * 10 + 60 * 500) / 100)


def test_dependencies_with_the_same_callers_are_grouped() -> None:
    others = tuple(LinkRow("batch", None, "HTTP", f"host-{number}", made(1)) for number in range(4))
    shown = group_dependencies(mapped(*HOSTS, *others))
    (group,) = groups(shown)
    assert group.id == "group:HTTP|batch,shop"
    assert {(edge.source, edge.calls) for edge in shown.edges} == {("role:shop", 40), ("role:batch", 4)}


def test_dependency_with_an_additional_caller_is_not_grouped() -> None:
    shown = group_dependencies(mapped(*HOSTS, LinkRow("batch", None, "HTTP", "host-0", made(1))))
    assert [group.name for group in groups(shown)] == ["3 HTTP"]
    assert ("batch", "HTTP host-0") in edges_of(shown)


def test_dependency_of_another_type_is_not_grouped() -> None:
    shown = group_dependencies(mapped(*HOSTS, LinkRow("shop", None, "Redis", "host-9", made(1))))
    assert {node.name for node in shown.nodes} == {"shop", "4 HTTP", "host-9"}


def test_two_dependencies_are_not_grouped() -> None:
    assert MIN_GROUP_SIZE == 3
    assert groups(group_dependencies(mapped(*HOSTS[:2]))) == []
    assert len(groups(group_dependencies(mapped(*HOSTS[:3])))) == 1


def test_expanded_group_is_not_grouped() -> None:
    shown = mapped(*HOSTS)
    assert group_dependencies(shown, expanded=[GROUP]) == shown
    assert len(groups(group_dependencies(shown, expanded=["group:HTTP|other"]))) == 1


def test_group_id_does_not_change_when_a_member_is_added() -> None:
    assert groups(group_dependencies(mapped(*HOSTS)))[0].id == groups(group_dependencies(mapped(*HOSTS[:3])))[0].id


def test_roles_are_never_grouped() -> None:
    links = tuple(LinkRow("shop", f"role-{number}", "HTTP", "x", made(1)) for number in range(5))
    assert groups(group_dependencies(mapped(*links))) == []


def test_group_ids_escape_commas_and_have_a_limited_length() -> None:
    assert group_id("HTTP", ["role:a,b"]) != group_id("HTTP", ["role:a", "role:b"])
    many = [f"role:caller-{number}" for number in range(500)]
    assert len(group_id("HTTP", many)) < 300
    assert group_id("HTTP", many) != group_id("HTTP", many[:-1])
    assert group_id("HTTP", many) == group_id("HTTP", reversed(many))


@given(
    st.lists(
        st.builds(
            LinkRow,
            st.sampled_from(["a", "b", "c"]),
            st.none(),
            st.sampled_from(["HTTP", "SQL"]),
            st.sampled_from([f"t{number}" for number in range(6)]),
            st.integers(1, 9).map(made),
        )
    )
)
def test_grouping_preserves_the_number_of_calls_property(links: list[LinkRow]) -> None:
    whole = mapped(*links)
    shown = group_dependencies(whole)
    assert sum(node.calls for node in shown.nodes) == sum(node.calls for node in whole.nodes)
    assert sum(edge.calls for edge in shown.edges) == sum(edge.calls for edge in whole.edges)
    ids = {node.id for node in shown.nodes}
    assert {end for edge in shown.edges for end in (edge.source, edge.target)} <= ids
