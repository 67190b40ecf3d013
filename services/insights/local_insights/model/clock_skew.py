"""Correct clock skew between role instances.

A request cannot start before the call that caused it. If its timestamp is earlier than the call, the callee's clock is
wrong, and so are the timestamps of all items that the callee reports.
"""

from typing import NamedTuple

from local_insights.model.item import Item, ItemType

START_TOLERANCE_US = 1_000
"""How far outside its call a request may start without clock skew, because of the resolution of clocks."""

END_TOLERANCE_US = 10_000
"""How much later than its call a request may end without clock skew: a server may clean up after its response."""

_QUEUE_TYPE_PREFIX = "queue message"


class _Clock(NamedTuple):
    """The clock of one role instance, which timestamps all its items."""

    role: str
    role_instance: str


class ClockCorrections:
    """The correction of each role instance's clock, found while a transaction is visited from its root.

    A request that cannot have happened at its reported time is shifted to the middle of its call, together with its
    subtree. The skew of a clock is assumed to be constant: the correction of one request is tried first for the other
    requests of the same instance, which preserves the intervals between them.
    """

    def __init__(self) -> None:
        self._corrections_us: dict[_Clock, int] = {}

    @property
    def has_corrections(self) -> bool:
        """True if any clock needed a correction."""
        return bool(self._corrections_us)

    def shift_us(self, item: Item, parent: Item | None, parent_shift_us: int) -> int:
        """Return the microseconds to add to the time of an item.

        Args:
            item: the item.
            parent: its parent; None at the top level, where only a correction from another request applies.
            parent_shift_us: the correction of the parent.
        """
        clock = _Clock(item.role, item.role_instance)
        if parent is None:
            return self._corrections_us.get(clock, 0)
        is_callee = item.item_type == ItemType.REQUEST and parent.item_type == ItemType.DEPENDENCY
        if not is_callee or clock == _Clock(parent.role, parent.role_instance):
            return parent_shift_us
        if parent.duration_us is None or parent.dependency_type.lower().startswith(_QUEUE_TYPE_PREFIX):
            return self._corrections_us.get(clock, 0)
        for shift_us in (self._corrections_us.get(clock, 0), 0, parent_shift_us):
            if _fits(item, shift_us, parent, parent_shift_us):
                return shift_us
        shift_us = self._corrections_us[clock] = _centering_shift_us(item, parent, parent_shift_us)
        return shift_us


def _fits(item: Item, shift_us: int, call: Item, call_shift_us: int) -> bool:
    """Return True if a request shifted by `shift_us` starts during its call and, where required, also ends during it.

    The end is not checked if the call failed (it may have timed out) or is shorter than its request.
    """
    start_us, call_start_us = item.time_us + shift_us, call.time_us + call_shift_us
    end_us, call_end_us = start_us + (item.duration_us or 0), call_start_us + (call.duration_us or 0)
    if not call_start_us - START_TOLERANCE_US <= start_us <= call_end_us + START_TOLERANCE_US:
        return False
    return not call.success or _is_longer(item, call) or end_us <= call_end_us + END_TOLERANCE_US


def _centering_shift_us(item: Item, call: Item, call_shift_us: int) -> int:
    """Return the shift that moves a request to the middle of its call, or to its start if the request is longer."""
    spare_us = 0 if _is_longer(item, call) else (call.duration_us or 0) - (item.duration_us or 0)
    return call.time_us + call_shift_us + spare_us // 2 - item.time_us


def _is_longer(item: Item, call: Item) -> bool:
    return (item.duration_us or 0) > (call.duration_us or 0)
