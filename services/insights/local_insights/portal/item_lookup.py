"""Finds the item that a key identifies."""

from local_insights.model.item import Item
from local_insights.model.item_key import item_key, key_time_us
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import ItemReader

ITEMS_PER_QUERY = 2_000
MAX_CANDIDATES = 100_000
"""The maximum number of items with the same start time that are compared."""
_BEFORE_FIRST_ROW = -1


def find_item(store: ItemReader, key: str) -> Item | None:
    """Return the item, or None if it is not stored. Blocks."""
    time_us = key_time_us(key)
    if time_us is None:
        return None
    at_that_time = TimeRange(time_us, time_us + 1)
    row = _BEFORE_FIRST_ROW
    for _ in range(MAX_CANDIDATES // ITEMS_PER_QUERY):
        candidates = store.stored_items(row, at_that_time, ITEMS_PER_QUERY)
        if found := next((item for _, item in candidates if item_key(item) == key), None):
            return found
        if len(candidates) < ITEMS_PER_QUERY:
            break
        row = candidates[-1][0]
    return None
