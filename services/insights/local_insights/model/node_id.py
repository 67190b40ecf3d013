"""Node ids: readable, stable, and unique.

    role:frontend    dependency:MySQL|127.0.0.1:3306 | mesh    client:client    client:unknown    availability:home page
    group:HTTP|orders,payments    more:dependency|HTTP    component:11111111-aaaa-4aaa-8aaa-111111111111|Web

A role that several applications have is a node for each of them, whose id contains the instrumentation key.
The first `|` separates a dependency's type from its target. In the type, `|` is escaped as `%7C` and `%` as `%25`,
because types such as `Queue Message | Azure Service Bus` contain a bar. The id of a group consists of the type and the
callers of its members, so that it does not change when a member is added.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from local_insights.model.selection import NodeRef

CLIENT_ID = "client:client"
UNKNOWN_CALLER_ID = "client:unknown"

_MAX_CALLERS_LENGTH = 200
"""Maximum characters of a group's callers before they are replaced by a digest; ids are part of URLs."""


class DependencyKey(NamedTuple):
    """Calls with the same type and target go to the same dependency node."""

    type: str
    target: str


def role_id(role: str) -> str:
    """Return the id of a role's node."""
    return f"role:{role}"


def component_id(role: str, instrumentation_key: str) -> str:
    """Return the id of the node of a role that several applications have."""
    return f"component:{_escaped(instrumentation_key)}|{role}"


def dependency_id(key: DependencyKey) -> str:
    """Return the id of a dependency's node."""
    return f"dependency:{_escaped(key.type)}|{key.target}"


def availability_id(name: str) -> str:
    """Return the id of an availability test's node."""
    return f"availability:{name}"


def group_id(dependency_type: str, callers: Iterable[str]) -> str:
    """Return the id of the group of dependencies with the same type and the same callers (node ids)."""
    names = ",".join(sorted(caller.partition(":")[2].replace("%", "%25").replace(",", "%2C") for caller in callers))
    if len(names) > _MAX_CALLERS_LENGTH:
        digest = hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        names = f"{names[:_MAX_CALLERS_LENGTH]}…{digest}"
    return f"group:{_escaped(dependency_type)}|{names}"


def more_id(kind: str, dependency_type: str) -> str:
    """Return the id of the node that replaces the smallest nodes of a kind and type on a large map."""
    return f"more:{kind}|{_escaped(dependency_type)}"


def role_of(node_id: str) -> str | None:
    """Return the role of a role's node id; None for other ids."""
    kind, _, role = node_id.partition(":")
    return role if kind == "role" and role else None


def availability_of(node_id: str) -> str | None:
    """Return the availability test of a test's node id; None for other ids."""
    kind, _, name = node_id.partition(":")
    return name if kind == "availability" else None


def dependency_of(node_id: str) -> DependencyKey | None:
    """Return the type and target of a dependency's node id; None for other ids."""
    kind, _, key = node_id.partition(":")
    escaped, bar, target = key.partition("|")
    if kind != "dependency" or not bar:
        return None
    return DependencyKey(_unescaped(escaped), target)


def node_ref(node_id: str) -> NodeRef | None:
    """Return the reference for queries about a node, or None for clients, groups and invalid ids.

    A browser has the id of a role; only the map distinguishes the two.
    """
    if role := role_of(node_id):
        return NodeRef("role", role)
    kind, _, component = node_id.partition(":")
    key, bar, role = component.partition("|")
    if kind == "component" and bar and role:
        return NodeRef("role", role, instrumentation_key=_unescaped(key))
    if dependency := dependency_of(node_id):
        return NodeRef("dependency", dependency.target, dependency.type)
    if (test := availability_of(node_id)) is not None:
        return NodeRef("availability", test)
    return None


@lru_cache(maxsize=1_000)
def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("|", "%7C")


def _unescaped(text: str) -> str:
    return text.replace("%7C", "|").replace("%25", "%")
