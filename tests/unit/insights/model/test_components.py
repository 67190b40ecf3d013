"""Names and node ids of components."""

import pytest

from local_insights.model.components import Component, component_names, shared_roles
from local_insights.model.node_id import component_id, node_ref
from local_insights.model.selection import NodeRef

ONE, TWO = "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222"


def test_role_of_two_applications_is_shared() -> None:
    components = [Component("Web", ONE), Component("Web", TWO), Component("Web", ""), Component("api", ONE)]
    assert shared_roles(components) == {"Web"}
    assert component_names(components, {"Web"}) == {
        Component("Web", ONE): "Web (11111111)",
        Component("Web", TWO): "Web (22222222)",
        Component("Web", ""): "Web (no key)",
    }


def test_role_of_one_application_is_not_shared_if_some_items_have_no_key() -> None:
    assert not shared_roles([Component("Web", ONE), Component("Web", "")])


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (("a", "b"), {"r (a)", "r (b)"}),
        (("12345678-1", "12345678-2"), {"r (12345678-1)", "r (12345678-2)"}),
        (("123456789", "12345678"), {"r (123456789)", "r (12345678)"}),
    ],
)
def test_names_of_one_role_differ(keys: tuple[str, str], names: set[str]) -> None:
    assert set(component_names([Component("r", key) for key in keys], {"r"}).values()) == names


@pytest.mark.parametrize(("role", "key"), [("Web", ONE), ("a|b", "c|d"), ("a", ""), ("100 %", "%7C")])
def test_node_id_of_a_component_identifies_role_and_key(role: str, key: str) -> None:
    assert node_ref(component_id(role, key)) == NodeRef("role", role, instrumentation_key=key)
