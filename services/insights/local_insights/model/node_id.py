"""Names of nodes: readable, stable, one to one with what they name.

    role:frontend    dependency:MySQL|127.0.0.1:3306 | mesh    client:client

The first bar parts a dependency's type from its target. A bar inside the type is written `%7C` (and `%` then `%25`), so
that `Queue Message | Azure Service Bus` cannot be taken for a type and the beginning of a target.
"""

from typing import NamedTuple

CLIENT_ID = "client:client"


class DependencyKey(NamedTuple):
    """What makes two calls go to one dependency node."""

    type: str
    target: str


def role_id(role: str) -> str:
    """The id of a role's node."""
    return f"role:{role}"


def dependency_id(key: DependencyKey) -> str:
    """The id of a dependency's node."""
    escaped = key.type.replace("%", "%25").replace("|", "%7C")
    return f"dependency:{escaped}|{key.target}"


def role_of(node_id: str) -> str | None:
    """The role that a node stands for; None when the id is not a role's."""
    kind, _, role = node_id.partition(":")
    return role if kind == "role" and role else None


def dependency_of(node_id: str) -> DependencyKey | None:
    """Type and target of a dependency's node; None when the id is not a dependency's."""
    kind, _, key = node_id.partition(":")
    escaped, bar, target = key.partition("|")
    if kind != "dependency" or not bar:
        return None
    return DependencyKey(escaped.replace("%7C", "|").replace("%25", "%"), target)
