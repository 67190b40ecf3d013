"""Retention by age and by size."""

import threading
from dataclasses import dataclass, field

import pytest

from local_insights.retention import Limits, Retention, delete_old_items
from local_insights.store.contract import StoreUnavailableError

DAY_US = 86_400_000_000
NOW_US = 1_000 * DAY_US
ITEM_BYTES = 10


@dataclass
class FakeStore:
    """A store of start times; each item has the same size."""

    times_us: list[int]
    deleted: threading.Event = field(default_factory=threading.Event)
    errors: list[Exception] = field(default_factory=list)

    def used_bytes(self) -> int:
        return ITEM_BYTES * len(self.times_us)

    def delete_before(self, time_us: int) -> int:
        if self.errors:
            raise self.errors.pop()
        before = len(self.times_us)
        self.times_us = [start_us for start_us in self.times_us if start_us >= time_us]
        self.deleted.set()
        return before - len(self.times_us)

    def delete_oldest(self, share: float, now_us: int) -> int:
        deleted = round(share * len(self.times_us))
        self.times_us = sorted(time_us for time_us in self.times_us if time_us <= now_us)[deleted:]
        return deleted


def daily_items(items: int) -> FakeStore:
    """One item per day; the newest is of today."""
    return FakeStore([NOW_US - age * DAY_US for age in range(items)])


def test_without_limits_no_item_is_deleted() -> None:
    assert delete_old_items(daily_items(100), Limits(days=None, max_bytes=None), NOW_US) == 0


def test_items_older_than_the_age_limit_are_deleted() -> None:
    store = daily_items(100)

    assert delete_old_items(store, Limits(days=30, max_bytes=None), NOW_US) == 69
    assert min(store.times_us) == NOW_US - 30 * DAY_US


def test_above_the_size_limit_the_oldest_items_are_deleted_down_to_90_percent() -> None:
    store = daily_items(100)

    assert delete_old_items(store, Limits(days=None, max_bytes=50 * ITEM_BYTES), NOW_US) == 55
    assert store.times_us == sorted(daily_items(45).times_us)


def test_up_to_the_size_limit_no_item_is_deleted() -> None:
    assert delete_old_items(daily_items(50), Limits(days=None, max_bytes=50 * ITEM_BYTES), NOW_US) == 0


def test_store_error_is_logged_and_retention_is_retried(caplog: pytest.LogCaptureFixture) -> None:
    store = FakeStore([0], errors=[StoreUnavailableError("busy")])
    retention = Retention(store, Limits(days=1, max_bytes=None), interval_s=0.01)

    retention.start()
    assert store.deleted.wait(5)
    retention.stop()

    assert store.times_us == []
    assert [record.getMessage() for record in caplog.records] == [
        "retention failed, next attempt in 0 s: busy",
        "retention deleted the 1 oldest items (limits on age and size)",
    ]


def test_unexpected_error_is_logged_with_its_traceback_and_retention_is_retried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = FakeStore([0], errors=[ValueError("unexpected")])
    retention = Retention(store, Limits(days=1, max_bytes=None), interval_s=0.01)

    retention.start()
    assert store.deleted.wait(5)
    retention.stop()

    assert store.times_us == []
    failure = caplog.records[0]
    assert failure.levelname == "ERROR"
    assert failure.getMessage() == "retention failed, next attempt in 0 s"
    assert failure.exc_info is not None
