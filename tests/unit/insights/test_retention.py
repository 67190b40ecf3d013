"""Retention by age and by size."""

import threading
from dataclasses import dataclass, field

import pytest

from local_insights.retention import Limits, Retention, delete_by_age, delete_by_size
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

    def delete_excess(self, max_bytes: int, now_us: int) -> int:
        assert now_us >= NOW_US
        deleted = max(0, len(self.times_us) - max_bytes // ITEM_BYTES)
        self.times_us = self.times_us[deleted:]
        return deleted


def daily_items(items: int) -> FakeStore:
    """One item per day; the newest is of today."""
    return FakeStore([NOW_US - age * DAY_US for age in range(items)])


def test_without_limits_no_item_is_deleted() -> None:
    limits = Limits(days=None, max_bytes=None)

    assert delete_by_age(daily_items(100), limits, NOW_US) == 0
    assert delete_by_size(daily_items(100), limits, NOW_US) == 0


def test_items_older_than_the_age_limit_are_deleted() -> None:
    store = daily_items(100)

    assert delete_by_age(store, Limits(days=30, max_bytes=None), NOW_US) == 69
    assert min(store.times_us) == NOW_US - 30 * DAY_US


def test_items_beyond_the_size_limit_are_deleted() -> None:
    store = daily_items(100)

    assert delete_by_size(store, Limits(days=None, max_bytes=60 * ITEM_BYTES), NOW_US) == 40
    assert store.used_bytes() == 60 * ITEM_BYTES


def run_until_deleted(store: FakeStore, limits: Limits) -> None:
    """Run the thread until it has deleted items by age."""
    retention = Retention(store, limits, interval_s=0.001)
    retention.start()
    assert store.deleted.wait(5)
    retention.stop()


def test_thread_enforces_both_limits(caplog: pytest.LogCaptureFixture) -> None:
    store = FakeStore([0, 0, *[100 * NOW_US] * 7])

    run_until_deleted(store, Limits(days=1, max_bytes=5 * ITEM_BYTES))

    assert store.times_us == [100 * NOW_US] * 5
    assert [record.getMessage() for record in caplog.records] == [
        "retention deleted the 4 oldest items (limits on age and size)"
    ]


def test_store_error_is_logged_and_retention_is_retried(caplog: pytest.LogCaptureFixture) -> None:
    store = FakeStore([0], errors=[StoreUnavailableError("busy")])

    run_until_deleted(store, Limits(days=1, max_bytes=None))

    assert store.times_us == []
    assert [record.getMessage() for record in caplog.records] == [
        "retention failed, next attempt in 0 s: busy",
        "retention deleted the 1 oldest items (limits on age and size)",
    ]


def test_unexpected_error_is_logged_with_its_traceback_and_retention_is_retried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = FakeStore([0], errors=[ValueError("unexpected")])

    run_until_deleted(store, Limits(days=1, max_bytes=None))

    assert store.times_us == []
    failure = caplog.records[0]
    assert failure.levelname == "ERROR"
    assert failure.getMessage() == "retention failed, next attempt in 0 s"
    assert failure.exc_info is not None
