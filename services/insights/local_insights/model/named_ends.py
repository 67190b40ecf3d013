"""Who is at the other end of a call, by what the two ends told each other.

SDKs exchange application ids and role names in the header `Request-Context`. A caller then writes `host | cid-v1:<id>`
for a target, a callee `cid-v1:<id> | roleName:<name>` for a source. It helps where one end's telemetry is missing.

Reference:
    "Telemetry correlation in Application Insights", Microsoft Learn: `request.source` and `dependency.target`.
"""

from collections.abc import Iterable

from local_insights.model.app_id import app_id
from local_insights.model.call_rows import LinkRow, NamedAddressRow, RoleKeyRow

_APPLICATION = "cid-v1:"
_ROLE = "roleName:"


class NamedEnds:
    """Knows roles by application, and applications by address.

    An application that several roles belong to names none of them.
    """

    def __init__(self, addresses: Iterable[NamedAddressRow], keys: Iterable[RoleKeyRow]) -> None:
        self._roles: dict[str, set[str]] = {}
        for key in keys:
            self._roles.setdefault(app_id(key.instrumentation_key), set()).add(key.role)
        self._applications: dict[tuple[str, str, str], set[str]] = {}
        for row in addresses:
            address = (row.source_role, row.dependency_type, row.target)
            self._applications.setdefault(address, set()).add(row.application_id)

    def callee(self, link: LinkRow) -> str | None:
        """The role that a call went to; None when nothing tells, or not one role."""
        found = self._applications.get((link.source_role, link.dependency_type, link.target), set())
        return self._only_role(found)

    def caller(self, source: str) -> str | None:
        """The role that a request's `source` names; None when it names none, or not one."""
        parts = [part.strip() for part in source.split("|")]
        role = next((part.removeprefix(_ROLE) for part in parts if part.startswith(_ROLE)), "")
        applications = (part.removeprefix(_APPLICATION) for part in parts if part.startswith(_APPLICATION))
        return role or self._only_role(applications)

    def _only_role(self, applications: Iterable[str]) -> str | None:
        roles = {role for application in applications for role in self._roles.get(application, ())}
        return roles.pop() if len(roles) == 1 else None
