"""Clocks of different machines, brought together.

A request cannot begin before the call that caused it. Where the telemetry says so, the callee's clock is off, and with
it everything that the callee reports.
"""

from typing import NamedTuple

from local_insights.model.item import Item, ItemType

BEGIN_TOLERANCE_US = 1_000
"""How far outside its call a request may begin, by the grain of clocks alone."""

END_TOLERANCE_US = 10_000
"""How much later than its call a request may end with clocks that agree: a server tidies up after it has answered."""

_QUEUED = "queue message"


class _Clock(NamedTuple):
    """Items of one instance of a role are timed by one clock."""

    role: str
    role_instance: str


class Clocks:
    """Says by how much to shift each item, going through a transaction from the outside in.

    A callee's request that cannot lie where its times put it is shifted to the middle of the call that caused it, and
    its whole subtree with it. A clock is as wrong for one call as for the next: what was found for an instance is tried
    first on its other requests, so that these keep their distances.
    """

    def __init__(self) -> None:
        self._found_us: dict[_Clock, int] = {}

    @property
    def disagree(self) -> bool:
        """Whether any clock was found to be wrong."""
        return bool(self._found_us)

    def shift_us(self, item: Item, cause: Item | None, cause_shift_us: int) -> int:
        """Microseconds to add to the time of an item.

        Args:
            item: the item.
            cause: its parent; None at the top level, where only what was found of its clock elsewhere can tell.
            cause_shift_us: what was said of the parent.
        """
        clock = _Clock(item.role, item.role_instance)
        if cause is None:
            return self._found_us.get(clock, 0)
        is_answer = item.item_type == ItemType.REQUEST and cause.item_type == ItemType.DEPENDENCY
        if not is_answer or clock == _Clock(cause.role, cause.role_instance):
            return cause_shift_us
        if cause.duration_us is None or cause.dependency_type.lower().startswith(_QUEUED):
            return self._found_us.get(clock, 0)
        for shift_us in (self._found_us.get(clock, 0), 0, cause_shift_us):
            if _fits(item, shift_us, cause, cause_shift_us):
                return shift_us
        shift_us = self._found_us[clock] = _centred(item, cause, cause_shift_us)
        return shift_us


def _fits(item: Item, shift_us: int, cause: Item, cause_shift_us: int) -> bool:
    """Whether a request may lie there: it begins during its call, and ends during it unless it need not.

    A call that was given up, or is shorter than its request for another reason, does not tell when the request ends.
    """
    begin_us, call_begin_us = item.time_us + shift_us, cause.time_us + cause_shift_us
    end_us, call_end_us = begin_us + (item.duration_us or 0), call_begin_us + (cause.duration_us or 0)
    if not call_begin_us - BEGIN_TOLERANCE_US <= begin_us <= call_end_us + BEGIN_TOLERANCE_US:
        return False
    return not cause.success or _is_longer(item, cause) or end_us <= call_end_us + END_TOLERANCE_US


def _centred(item: Item, cause: Item, cause_shift_us: int) -> int:
    """The shift that puts a request in the middle of its call, or at its beginning when it is longer."""
    room_us = 0 if _is_longer(item, cause) else (cause.duration_us or 0) - (item.duration_us or 0)
    return cause.time_us + cause_shift_us + room_us // 2 - item.time_us


def _is_longer(item: Item, cause: Item) -> bool:
    return (item.duration_us or 0) > (cause.duration_us or 0)
