"""Resolve the peer role of a call from the ids exchanged in the header `Request-Context`.

SDKs exchange application ids and role names in this header. The caller reports the target `host | cid-v1:<id>`, the
callee reports the source `cid-v1:<id> | roleName:<name>`. Both resolve the peer if its own telemetry is missing.

Reference:
    "Telemetry correlation in Application Insights", Microsoft Learn: `request.source` and `dependency.target`.
"""

from collections.abc import Iterable, Mapping

from local_insights.model.app_id import app_id
from local_insights.model.call_rows import ComponentRow, LinkRow, MissingParentRow, NamedAddressRow, RoleKeyRow

_APPLICATION = "cid-v1:"
_ROLE = "roleName:"


class RequestContextResolver:
    """Maps addresses to application ids, and application ids to roles.

    An application id resolves to a role only if the application has exactly one candidate: one role that serves
    requests (for a callee) or one role at all (for a caller). It never resolves to the role at the other end of the
    same call.
    """

    def __init__(
        self,
        addresses: Iterable[NamedAddressRow],
        keys: Iterable[RoleKeyRow],
        components: Iterable[ComponentRow] = (),
    ) -> None:
        self._shared = frozenset(component.role for component in components)
        self._roles: dict[str, set[str]] = {}
        self._serving: dict[str, set[str]] = {}
        for key in keys:
            application = app_id(key.instrumentation_key)
            self._roles.setdefault(application, set()).add(key.role)
            if key.is_serving:
                self._serving.setdefault(application, set()).add(key.role)
        self._applications: dict[tuple[str, str, str], set[str]] = {}
        for row in addresses:
            address = (row.source_role, row.dependency_type, row.target)
            self._applications.setdefault(address, set()).add(row.application_id)

    def callee(self, link: LinkRow) -> str | None:
        """Return the role that the calls went to; None if there is no application id or more than one candidate."""
        found = self._applications.get((link.source_role, link.dependency_type, link.target))
        return _only_other(link.source_role, found, self._serving) if found else None

    def caller(self, row: MissingParentRow) -> str | None:
        """Return the role that `request.source` names; None if it names no role or more than one."""
        parts = [part.strip() for part in row.source.split("|")]
        role = next((part.removeprefix(_ROLE) for part in parts if part.startswith(_ROLE)), "")
        applications = (part.removeprefix(_APPLICATION) for part in parts if part.startswith(_APPLICATION))
        if role and role not in self._shared:
            return role
        return _only_other(row.role, applications, self._roles)


def _only_other(role: str, applications: Iterable[str], roles: Mapping[str, set[str]]) -> str | None:
    """Return the only role of the applications; None if there are several or it is `role` itself."""
    found = {name for application in applications for name in roles.get(application, ())}
    return found.pop() if len(found) == 1 and role not in found else None
