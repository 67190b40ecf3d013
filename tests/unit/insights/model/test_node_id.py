"""Node ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.node_id import (
    DependencyKey,
    availability_id,
    availability_of,
    dependency_id,
    dependency_of,
    role_id,
    role_of,
)


def test_ids_are_readable() -> None:
    assert role_id("frontend") == "role:frontend"
    assert dependency_id(DependencyKey("MySQL", "127.0.0.1:3306 | mesh")) == "dependency:MySQL|127.0.0.1:3306 | mesh"


@given(st.text(), st.text())
def test_dependency_id_round_trip(type_: str, target: str) -> None:
    key = DependencyKey(type_, target)
    assert dependency_of(dependency_id(key)) == key


@given(st.text(min_size=1))
def test_role_id_round_trip(role: str) -> None:
    assert role_of(role_id(role)) == role
    assert dependency_of(role_id(role)) is None


@given(st.text())
def test_availability_id_round_trip(name: str) -> None:
    assert availability_of(availability_id(name)) == name
    assert availability_of(role_id(name)) is None


@pytest.mark.parametrize("node_id", ["", "role:", "frontend", "client:client", "dependency:HTTP"])
def test_other_ids_are_neither_role_nor_dependency(node_id: str) -> None:
    assert role_of(node_id) is None
    assert dependency_of(node_id) is None
