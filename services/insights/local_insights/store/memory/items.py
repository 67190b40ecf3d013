"""Access to the stored items, and aggregation into statistics, for all readers of the in-memory engine."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from local_insights.model.item import Item, ItemType
from local_insights.model.statistics import CallStatistics, bucket

Value = TypeVar("Value")
Key = TypeVar("Key", bound="str | tuple[Any, ...]")

Row = tuple[int, Item]
"""The row number of an item, and the item. Row numbers increase in storage order and are never reused."""


class ItemSource(ABC):
    """Base class of the readers. The store implements `snapshot`."""

    @abstractmethod
    def snapshot(self) -> Sequence[Row]:
        """Return a snapshot of all items in storage order.

        Raises:
            StoreUnavailableError: the store is closed.
        """

    def items_between(self, start_us: int, end_us: int) -> list[Item]:
        """Return the items that began from `start_us` (inclusive) to `end_us` (exclusive), in storage order."""
        return [item for _, item in self.snapshot() if start_us <= item.time_us < end_us]


def has_failed(item: Item) -> bool:
    """Return True if an item failed. Without an outcome only exceptions have failed."""
    return item.item_type == ItemType.EXCEPTION if item.success is None else not item.success


def has_not_succeeded(item: Item) -> bool:
    """Return True if a request or call did not succeed. Without an outcome it has failed."""
    return not item.success


def summarize(
    items: Iterable[Item], failed: Callable[[Item], bool] = has_not_succeeded, *, percentiles: bool = True
) -> CallStatistics:
    """Return the weighted statistics of items; without `percentiles` they have no buckets."""
    calls = failures = duration_us = number_of_items = squared_weights = 0
    buckets: dict[int, int] = {}
    for item in items:
        weight = item.item_count
        calls += weight
        number_of_items += 1
        squared_weights += weight * weight
        if failed(item):
            failures += weight
        if item.duration_us is not None:
            duration_us += item.duration_us * weight
            if percentiles:
                number = bucket(item.duration_us)
                buckets[number] = buckets.get(number, 0) + weight
    return CallStatistics(calls, failures, duration_us, buckets, number_of_items, squared_weights)


def group_by(values: Iterable[Value], key: Callable[[Value], Key]) -> list[tuple[Key, list[Value]]]:
    """Return the values grouped by a key, sorted by it."""
    groups: defaultdict[Key, list[Value]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return sorted(groups.items(), key=_first)


def _first(pair: tuple[Key, object]) -> Key:
    return pair[0]
