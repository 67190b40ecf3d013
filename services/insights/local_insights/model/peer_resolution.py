"""Who answers the calls that nobody's request names as its parent.

A call that fails, or whose callee was down or sampled out, has no request on the other side. When the calls that did
arrive agree on who lives at that address, the silent ones were meant for the same role: a service that is down then
shows as a failing edge to that service, not as a second node beside it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from local_insights.model.call_rows import AvailabilityRow, LinkRow
from local_insights.model.targets import HTTP_TYPES

AGREEMENT = 0.9
"""Share of the answered calls to an address that must have reached one role before it is taken to live there."""


class _Address(NamedTuple):
    family: str
    target: str


class Callees:
    """Learns from answered calls which role lives at which address."""

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

    def role_called(self, link: LinkRow) -> str | None:
        """The role that answered, or would have; None when nothing tells.

        The caller's own answered calls count first; only without any are those of other callers to the same address
        asked. Two callers may reach different roles at one address: names such as `localhost:8080` mean the caller's
        own machine.
        """
        if link.target_role is not None:
            return link.target_role
        address = _address(link)
        answered = self._by_caller.get((link.source_role, address)) or self._by_address.get(address)
        if not answered:
            return None
        role = min(answered, key=lambda name: (-answered[name], name))
        return role if answered[role] >= AGREEMENT * answered.total() else None


def tested_role(name: str, tests: Iterable[AvailabilityRow]) -> str | None:
    """The role that most results of an availability test reached; None when none reached any.

    Results that reached nobody were meant for it, too: an application that is down shows as a failing test of it.
    """
    reached: Counter[str] = Counter()
    for test in tests:
        if test.name == name and test.target_role is not None:
            reached[test.target_role] += test.statistics.calls
    return min(reached, key=lambda role: (-reached[role], role), default=None)


def _address(link: LinkRow) -> _Address:
    lower = link.dependency_type.lower()
    return _Address("http" if lower in HTTP_TYPES else lower, link.target)
