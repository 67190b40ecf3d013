"""Components: the roles of applications.

A component is identified by its role and its instrumentation key, as in Azure, where every application is a resource.
Its name is the role. If several applications have the role, the beginning of the key is added: `Web (11111111)`.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

_MIN_KEY_LENGTH = 8
"""The least number of characters of a key in a name: the first part of a UUID."""


class Component(NamedTuple):
    """A role and the instrumentation key under which it sends telemetry; the key may be empty."""

    role: str
    instrumentation_key: str


def shared_roles(components: Iterable[Component]) -> frozenset[str]:
    """Return the roles that several applications have. Telemetry without a key is of no application of its own."""
    keys: dict[str, set[str]] = {}
    for component in components:
        if component.instrumentation_key:
            keys.setdefault(component.role, set()).add(component.instrumentation_key)
    return frozenset(role for role, found in keys.items() if len(found) > 1)


def component_names(components: Iterable[Component], roles: Collection[str]) -> dict[Component, str]:
    """Return the names of the components of these roles, different for each component of a role."""
    keys: dict[str, set[str]] = {}
    for component in components:
        if component.role in roles:
            keys.setdefault(component.role, set()).add(component.instrumentation_key)
    return {
        Component(role, key): f"{role} ({_shortened(key, found) or 'no key'})"
        for role, found in keys.items()
        for key in found
    }


def _shortened(key: str, keys: Collection[str]) -> str:
    """Return the shortest beginning of a key that no other key has."""
    lengths = range(_MIN_KEY_LENGTH, len(key))
    others = [other for other in keys if other != key]
    length = next((size for size in lengths if not any(other.startswith(key[:size]) for other in others)), len(key))
    return key[:length]
