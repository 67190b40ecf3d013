"""What is lost is counted, and said."""

import logging
import time

from telemetry._internal.tracing.ids_and_clock import Clock

logger = logging.getLogger(__name__)

_PAUSE_S = 60.0


class DropReporter:
    """Says how many items are lost and why: at once, then once a minute at most, and at the end what was left unsaid.

    A warning for every item would bury the application's own log while an endpoint is away.
    """

    def __init__(self, clock: Clock = time) -> None:
        self._clock = clock
        self._unsaid: dict[str, int] = {}
        self._quiet_until: dict[str, float] = {}

    def add(self, items: int, reason: str) -> None:
        """Count items that are lost."""
        if items <= 0:
            return
        self._unsaid[reason] = self._unsaid.get(reason, 0) + items
        if self._clock.monotonic() >= self._quiet_until.get(reason, 0.0):
            self._quiet_until[reason] = self._clock.monotonic() + _PAUSE_S
            self._say(reason)

    def say_the_rest(self) -> None:
        """Say what has been counted since it was last said."""
        for reason in list(self._unsaid):
            self._say(reason)

    def _say(self, reason: str) -> None:
        logger.warning("%d items of telemetry are lost: %s", self._unsaid.pop(reason), reason)
