"""Counts and logs dropped items."""

import logging

from telemetry._internal.ids_and_clock import SYSTEM_CLOCK, Clock

logger = logging.getLogger(__name__)

_MIN_INTERVAL_S = 60.0


class DropReporter:
    """Logs the number of dropped items per reason: the first at once, then at most once a minute, the rest at the end.

    A warning per item would flood the application's log while an endpoint is unavailable.
    """

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._unreported: dict[str, int] = {}
        self._next_report_at: dict[str, float] = {}

    def add(self, items: int, reason: str) -> None:
        """Count dropped items."""
        if items <= 0:
            return
        self._unreported[reason] = self._unreported.get(reason, 0) + items
        if self._clock.monotonic() >= self._next_report_at.get(reason, 0.0):
            self._next_report_at[reason] = self._clock.monotonic() + _MIN_INTERVAL_S
            self._report(reason)

    def flush(self) -> None:
        """Log all counts that have not been logged yet."""
        for reason in list(self._unreported):
            self._report(reason)

    def _report(self, reason: str) -> None:
        logger.warning("Dropped %d telemetry items: %s", self._unreported.pop(reason), reason)
