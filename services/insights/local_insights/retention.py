"""Retention: delete the oldest telemetry by age, by size, or both."""

import logging
import threading
import time
from dataclasses import dataclass

from local_insights.store.contract import Maintenance, StoreError

_log = logging.getLogger(__name__)

INTERVAL_S = 60.0
"""Seconds between two checks. A store that ingests 60,000 items/s grows by about 250 MB in this time."""
SIZE_AFTER_CLEANUP = 0.9
"""Share of the maximum size that remains after a cleanup by size, so that cleanups are rarer and larger."""
_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a store; None: no limit."""

    days: float | None
    """Items that started earlier than this many days ago are deleted."""
    max_bytes: int | None
    """When the items take more bytes than this, the oldest are deleted."""


def delete_old_items(store: Maintenance, limits: Limits, now_us: int) -> int:
    """Delete the items beyond the limits. Return the number of deleted items.

    Args:
        store: the store to delete from.
        limits: age and size limits.
        now_us: the current time, microseconds since 1970.
    """
    deleted = 0
    if limits.days is not None:
        deleted += store.delete_before(now_us - int(limits.days * _US_PER_DAY))
    if limits.max_bytes is not None:
        used_bytes = store.used_bytes()
        if used_bytes > limits.max_bytes:
            deleted += store.delete_oldest(1 - SIZE_AFTER_CLEANUP * limits.max_bytes / used_bytes, now_us)
    return deleted


class Retention:
    """A background thread that enforces the limits of a store from `start` to `stop`."""

    def __init__(self, store: Maintenance, limits: Limits, interval_s: float = INTERVAL_S) -> None:
        self._store = store
        self._limits = limits
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Start the thread. It checks the limits immediately, then once per interval."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the deletion in progress, and wait for it."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                deleted = delete_old_items(self._store, self._limits, time.time_ns() // 1000)
            except StoreError as error:
                _log.warning("retention failed, next attempt in %.0f s: %s", self._interval_s, error)
            except Exception:  # noqa: BLE001 - without this thread, the store would grow without limit
                _log.exception("retention failed, next attempt in %.0f s", self._interval_s)
            else:
                if deleted:
                    _log.warning("retention deleted the %s oldest items (limits on age and size)", deleted)
            if self._stopping.wait(self._interval_s):
                return
