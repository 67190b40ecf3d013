"""Who is at the other end of a call, by what the two ends told each other.

SDKs exchange application ids and role names in the header `Request-Context`. A caller then writes `host | cid-v1:<id>`
for a target, a callee `cid-v1:<id> | roleName:<name>` for a source. It helps where one end's telemetry is missing.

Reference:
    "Telemetry correlation in Application Insights", Microsoft Learn: `request.source` and `dependency.target`.
"""

from collections.abc import Iterable, Mapping

from local_insights.model.app_id import app_id
from local_insights.model.call_rows import LinkRow, NamedAddressRow, NamedCallerRow, RoleKeyRow

_APPLICATION = "cid-v1:"
_ROLE = "roleName:"


class NamedEnds:
    """Knows roles by application, and applications by address.

    An application names a role only where it has no other: a callee by the roles that serve, a caller by all of them.
    It never names the role that asks, which would not have needed an id to speak of itself.
    """

    def __init__(self, addresses: Iterable[NamedAddressRow], keys: Iterable[RoleKeyRow]) -> None:
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
        """The role that a call went to; None when nothing tells, or not one role."""
        found = self._applications.get((link.source_role, link.dependency_type, link.target), set())
        return _only_other(link.source_role, found, self._serving)

    def caller(self, row: NamedCallerRow) -> str | None:
        """The role that the source of requests names; None when it names none, or not one."""
        parts = [part.strip() for part in row.source.split("|")]
        role = next((part.removeprefix(_ROLE) for part in parts if part.startswith(_ROLE)), "")
        applications = (part.removeprefix(_APPLICATION) for part in parts if part.startswith(_APPLICATION))
        return role or _only_other(row.role, applications, self._roles)


def _only_other(role: str, applications: Iterable[str], roles: Mapping[str, set[str]]) -> str | None:
    """The only role of the applications, if that is another one."""
    found = {name for application in applications for name in roles.get(application, ())}
    return found.pop() if len(found) == 1 and role not in found else None
