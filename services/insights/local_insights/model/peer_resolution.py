"""Resolution of the callee role of calls without a matching request.

A call has no matching request if it failed, or if the callee was down or sampled out. Other calls to the same address
have matching requests. If nearly all of these requests are of one role (`MIN_AGREEMENT`), the call is attributed to
that role. A service that is down is then a failing edge to that service instead of an additional dependency node.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from local_insights.model.call_rows import AvailabilityRow, LinkRow
from local_insights.model.targets import HTTP_TYPES

MIN_AGREEMENT = 0.9
"""Minimum share of the matched calls to an address that must have reached the same role."""


class _Address(NamedTuple):
    family: str
    target: str


class PeerResolver:
    """Maps addresses to roles, based on the calls that have a matching request."""

    def __init__(self, links: Iterable[LinkRow]) -> None:
        by_caller: dict[tuple[str, _Address], Counter[str]] = {}
        by_address: dict[_Address, Counter[str]] = {}
        for link in links:
            if link.target_role is not None and link.target:
                address = _address(link)
                by_caller.setdefault((link.source_role, address), Counter())[link.target_role] += link.statistics.calls
                by_address.setdefault(address, Counter())[link.target_role] += link.statistics.calls
        self._by_caller: Mapping[tuple[str, _Address], Counter[str]] = by_caller
        self._by_address: Mapping[_Address, Counter[str]] = by_address

    def callee(self, link: LinkRow) -> str | None:
        """Return the role that received or should have received the calls; None if it cannot be resolved.

        Calls of the same caller take precedence over calls of other callers to the same address. Two callers may reach
        different roles at one address, because names such as `localhost:8080` refer to the caller's own machine.
        """
        if link.target_role is not None:
            return link.target_role
        if not self._by_address:
            return None
        address = _address(link)
        matched = self._by_caller.get((link.source_role, address)) or self._by_address.get(address)
        if not matched:
            return None
        role = min(matched, key=lambda name: (-matched[name], name))
        return role if matched[role] >= MIN_AGREEMENT * matched.total() else None


def tested_roles(tests: Iterable[AvailabilityRow]) -> Mapping[str, str]:
    """Return, for each availability test, the role that most of its results reached. Tests that reached no role lack.

    Results that reached no role are attributed to this role, so that an application that is down has a failing test.
    """
    reached: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for test in tests:
        if test.target_role is not None:
            reached[test.name][test.target_role] += test.statistics.calls
    return {name: min(roles, key=lambda role: (-roles[role], role)) for name, roles in reached.items()}


def _address(link: LinkRow) -> _Address:
    lower = link.dependency_type.lower()
    return _Address("http" if lower in HTTP_TYPES else lower, link.target)
