"""Retention: delete the oldest telemetry by age, by size, or both."""

import logging
import threading
import time
from dataclasses import dataclass

from local_insights.store.contract import Maintenance, StoreError

_log = logging.getLogger(__name__)

AGE_INTERVAL_S = 60.0
"""Seconds between two deletions by age."""
SIZE_INTERVAL_S = 0.25
"""Seconds between two measurements of the size. A store that ingests 60,000 items/s grows by 5 MB in this time."""
REPORT_INTERVAL_S = 60.0
"""Seconds between two log records about deleted items."""
PAUSE_AFTER_ERROR = 20
"""The pause after an error, in intervals."""
_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a store; None: no limit."""

    days: float | None
    """Items that started earlier than this many days ago are deleted."""
    max_bytes: int | None
    """The maximum size of the store, on disk. The oldest items are deleted."""


def delete_by_age(store: Maintenance, limits: Limits, now_us: int) -> int:
    """Delete the items that are older than the limit. Return their number.

    Args:
        store: the store to delete from.
        limits: its limits.
        now_us: the current time, microseconds since 1970.
    """
    return 0 if limits.days is None else store.delete_before(now_us - int(limits.days * _US_PER_DAY))


def delete_by_size(store: Maintenance, limits: Limits, now_us: int) -> int:
    """Delete the oldest items if the store is larger than the limit. Return their number. See `delete_by_age`."""
    return 0 if limits.max_bytes is None else store.delete_excess(limits.max_bytes, now_us)


class Retention:
    """A background thread that enforces the limits of a store from `start` to `stop`.

    Args:
        store: the store to delete from.
        limits: its limits.
        interval_s: seconds between two measurements of the size.
    """

    def __init__(self, store: Maintenance, limits: Limits, interval_s: float = SIZE_INTERVAL_S) -> None:
        self._store = store
        self._limits = limits
        self._interval_s = interval_s
        self._next_by_age_s = 0.0
        self._next_report_s = 0.0
        self._deleted = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Start the thread. It enforces the limits immediately, then in intervals."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the deletion in progress, and wait for it."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        is_stopping = False
        while not is_stopping:
            pause_s = self._interval_s
            try:
                self._enforce()
            except StoreError as error:
                pause_s *= PAUSE_AFTER_ERROR
                _log.warning("retention failed, next attempt in %.0f s: %s", pause_s, error)
            except Exception:  # noqa: BLE001 - without this thread, a full store would reject all telemetry
                pause_s *= PAUSE_AFTER_ERROR
                _log.exception("retention failed, next attempt in %.0f s", pause_s)
            is_stopping = self._stopping.wait(pause_s)
            if self._deleted and (is_stopping or time.monotonic() >= self._next_report_s):
                _log.warning("retention deleted the %s oldest items (limits on age and size)", self._deleted)
                self._deleted = 0
                self._next_report_s = time.monotonic() + REPORT_INTERVAL_S

    def _enforce(self) -> None:
        now_us = time.time_ns() // 1000
        self._deleted += delete_by_size(self._store, self._limits, now_us)
        if time.monotonic() >= self._next_by_age_s:
            self._deleted += delete_by_age(self._store, self._limits, now_us)
            self._next_by_age_s = time.monotonic() + AGE_INTERVAL_S
