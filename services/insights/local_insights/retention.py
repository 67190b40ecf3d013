"""Old telemetry makes room for new: by age, by size, or both."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from local_insights.store.contract import StoreError

_log = logging.getLogger(__name__)

INTERVAL_S = 60.0
"""How often to look. A store that takes 60,000 items a second grows by some 250 MB meanwhile."""
LOWERED_TO = 0.9
"""What of the size stays when it was exceeded: less often, and more at a time."""
_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept; None is without a limit."""

    days: float | None
    """Items that began longer ago than this are removed."""
    max_bytes: int | None
    """When the items take more than this, the oldest are removed."""


class Shrinkable(Protocol):
    """What of the store matters here; `store.contract.Store` says what it promises."""

    def used_bytes(self) -> int: ...  # noqa: D102
    def retention_cutoff(self, share: float) -> int | None: ...  # noqa: D102
    def delete_before(self, time_us: int) -> int: ...  # noqa: D102


def forget_old(store: Shrinkable, limits: Limits, now_us: int) -> int:
    """Remove what is beyond the limits. Returns how many items that were."""
    forgotten = 0
    if limits.days is not None:
        forgotten += store.delete_before(now_us - int(limits.days * _US_PER_DAY))
    if limits.max_bytes is not None:
        used_bytes = store.used_bytes()
        if used_bytes > limits.max_bytes:
            kept_from_us = store.retention_cutoff(LOWERED_TO * limits.max_bytes / used_bytes)
            if kept_from_us is not None:
                forgotten += store.delete_before(kept_from_us)
    return forgotten


class Retention:
    """Keeps a store within limits on a thread of its own, from `start` to `stop`."""

    def __init__(self, store: Shrinkable, limits: Limits, interval_s: float = INTERVAL_S) -> None:
        self._store = store
        self._limits = limits
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Look at once, and then from time to time."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what has begun, and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                forgotten = forget_old(self._store, self._limits, time.time_ns() // 1000)
            except StoreError as error:
                _log.warning("old telemetry was not removed, and will be next time: %s", error)
            else:
                if forgotten:
                    _log.warning("removed the oldest %s items, as the limits on age and size ask for", forgotten)
            if self._stopping.wait(self._interval_s):
                return
