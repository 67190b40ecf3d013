"""Names of nodes: readable, stable, one to one with what they name.

    role:frontend    dependency:MySQL|127.0.0.1:3306 | mesh    client:client    availability:home page
    group:HTTP|orders,payments

The first bar parts a dependency's type from its target. A bar inside the type is written `%7C` (and `%` then `%25`), so
that `Queue Message | Azure Service Bus` cannot be taken for a type and the beginning of a target. A group is named
after the type and the callers that its members share: it keeps its name when one more is called.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from local_insights.model.selection import NodeRef

CLIENT_ID = "client:client"

_CALLERS_SPELT_OUT = 200
"""Characters up to which a group's callers are spelt out; ids travel in addresses."""


class DependencyKey(NamedTuple):
    """What makes two calls go to one dependency node."""

    type: str
    target: str


def role_id(role: str) -> str:
    """The id of a role's node."""
    return f"role:{role}"


def dependency_id(key: DependencyKey) -> str:
    """The id of a dependency's node."""
    return f"dependency:{_escaped(key.type)}|{key.target}"


def availability_id(name: str) -> str:
    """The id of an availability test's node."""
    return f"availability:{name}"


def group_id(dependency_type: str, callers: Iterable[str]) -> str:
    """The id of the node for all dependencies of one type that are called by the same nodes (`callers`: their ids)."""
    names = ",".join(sorted(caller.partition(":")[2].replace("%", "%25").replace(",", "%2C") for caller in callers))
    if len(names) > _CALLERS_SPELT_OUT:
        digest = hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        names = f"{names[:_CALLERS_SPELT_OUT]}…{digest}"
    return f"group:{_escaped(dependency_type)}|{names}"


def role_of(node_id: str) -> str | None:
    """The role that a node stands for; None when the id is not a role's."""
    kind, _, role = node_id.partition(":")
    return role if kind == "role" and role else None


def availability_of(node_id: str) -> str | None:
    """The availability test that a node stands for; None when the id is not a test's."""
    kind, _, name = node_id.partition(":")
    return name if kind == "availability" else None


def dependency_of(node_id: str) -> DependencyKey | None:
    """Type and target of a dependency's node; None when the id is not a dependency's."""
    kind, _, key = node_id.partition(":")
    escaped, bar, target = key.partition("|")
    if kind != "dependency" or not bar:
        return None
    return DependencyKey(escaped.replace("%7C", "|").replace("%25", "%"), target)


def node_ref(node_id: str) -> NodeRef | None:
    """Return the reference for queries about a node, or None for clients, groups and invalid ids.

    A browser has the id of a role; only the map distinguishes the two.
    """
    if role := role_of(node_id):
        return NodeRef("role", role)
    if dependency := dependency_of(node_id):
        return NodeRef("dependency", dependency.target, dependency.type)
    if (test := availability_of(node_id)) is not None:
        return NodeRef("availability", test)
    return None


def _escaped(dependency_type: str) -> str:
    return dependency_type.replace("%", "%25").replace("|", "%7C")
