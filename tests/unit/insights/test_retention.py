"""Which items make room for others, and when."""

import threading
from dataclasses import dataclass, field

import pytest

from local_insights.retention import Limits, Retention, forget_old
from local_insights.store.contract import StoreUnavailableError

DAY_US = 86_400_000_000
NOW_US = 1_000 * DAY_US
ITEM_BYTES = 10


@dataclass
class Shelf:
    """A store of items that are times, each of the same size."""

    times_us: list[int]
    looked: threading.Event = field(default_factory=threading.Event)
    refuses: int = 0

    def used_bytes(self) -> int:
        return ITEM_BYTES * len(self.times_us)

    def retention_cutoff(self, share: float) -> int | None:
        newest = sorted(self.times_us)[-round(share * len(self.times_us)) :]
        return newest[0] if newest else None

    def delete_before(self, time_us: int) -> int:
        if self.refuses:
            self.refuses -= 1
            message = "busy"
            raise StoreUnavailableError(message)
        before = len(self.times_us)
        self.times_us = [began_us for began_us in self.times_us if began_us >= time_us]
        self.looked.set()
        return before - len(self.times_us)


def shelf(items: int) -> Shelf:
    """An item a day, the newest of today."""
    return Shelf([NOW_US - age * DAY_US for age in range(items)])


def test_without_limits_nothing_is_forgotten() -> None:
    assert forget_old(shelf(100), Limits(days=None, max_bytes=None), NOW_US) == 0


def test_items_older_than_the_days_are_forgotten() -> None:
    store = shelf(100)

    assert forget_old(store, Limits(days=30, max_bytes=None), NOW_US) == 69
    assert min(store.times_us) == NOW_US - 30 * DAY_US


def test_beyond_the_size_the_oldest_are_forgotten_with_some_room_to_spare() -> None:
    store = shelf(100)

    assert forget_old(store, Limits(days=None, max_bytes=50 * ITEM_BYTES), NOW_US) == 55
    assert store.times_us == shelf(45).times_us


def test_up_to_the_size_all_are_kept() -> None:
    assert forget_old(shelf(50), Limits(days=None, max_bytes=50 * ITEM_BYTES), NOW_US) == 0


def test_a_failure_is_told_and_made_up_for(caplog: pytest.LogCaptureFixture) -> None:
    store = Shelf([0], refuses=1)
    retention = Retention(store, Limits(days=1, max_bytes=None), interval_s=0.01)

    retention.start()
    assert store.looked.wait(5)
    retention.stop()

    assert store.times_us == []
    assert [record.getMessage() for record in caplog.records] == [
        "old telemetry was not removed, and will be next time: busy",
        "removed the oldest 1 items, as the limits on age and size ask for",
    ]
