"""A compact memory of the items that were stored last."""

from array import array
from collections.abc import Sequence

from local_insights.model.item import Item

FIRST_SLOTS = 1 << 18
"""Half a megabyte: an idle server uses little memory."""
MAX_SLOTS = 1 << 22
"""8 MB for a million items. There are two tables at a time."""
_SLOTS_PER_ITEM = 4
_GROWTH = 4


class RecentItems:
    """Recognizes items that were certainly not added before, in about 0.6 µs and 8 bytes per item.

    A hash table with linear probing contains a fingerprint of 16 bits per item; 0 is an empty slot. A full table is
    replaced by a larger one, up to `MAX_SLOTS`, and still searched until the next one is full: at least the last 64,000
    items are recognized, and after 1.3 million items the last million. Of the items that were not added before, about
    one in 100,000 is reported as possibly added.

    Args:
        first_slots: the size of the first table, a power of 2.
        max_slots: the size of the largest table, a power of 2.
    """

    def __init__(self, first_slots: int = FIRST_SLOTS, max_slots: int = MAX_SLOTS) -> None:
        self._max_slots = max_slots
        self._table = _empty_table(first_slots)
        self._full_table = _empty_table(1)
        self._free_items = first_slots // _SLOTS_PER_ITEM

    def add(self, items: Sequence[Item], after_us: int, before_us: int) -> list[Item]:
        """Add items. Return those that may have been added before, and those dated outside of a range.

        Args:
            items: the items.
            after_us: the beginning of the range (exclusive).
            before_us: the end of the range (exclusive).
        """
        possible: list[Item] = []
        start = 0
        while start < len(items):
            part = items[start : start + self._free_items]
            start += len(part)
            possible += self._add(part, after_us, before_us)
            self._free_items -= len(part)
            if not self._free_items:
                self._full_table = self._table
                self._table = _empty_table(min(_GROWTH * len(self._table), self._max_slots))
                self._free_items = len(self._table) // _SLOTS_PER_ITEM
        return possible

    def _add(self, items: Sequence[Item], after_us: int, before_us: int) -> list[Item]:
        """Add items for which the table has room. The code is inline: a function call per item would take as long."""
        table, full_table = self._table, self._full_table
        mask, full_mask = len(table) - 1, len(full_table) - 1
        possible: list[Item] = []
        for item in items:
            time_us, span_id = item.time_us, item.id
            if span_id:
                number = hash((time_us, item.operation_id, span_id))
            else:
                number = hash((time_us, item.operation_id, item.name, item.message, item.value, item.properties_json))
            slot, full_slot = number & mask, number & full_mask
            if table[slot] or full_table[full_slot] or not after_us < time_us < before_us:
                fingerprint = number >> 32 & 0xFFFF or 1
                while table[slot] and table[slot] != fingerprint:
                    slot = slot + 1 & mask
                while full_table[full_slot] and full_table[full_slot] != fingerprint:
                    full_slot = full_slot + 1 & full_mask
                if table[slot] or full_table[full_slot] or not after_us < time_us < before_us:
                    possible.append(item)
                table[slot] = fingerprint
            else:
                table[slot] = number >> 32 & 0xFFFF or 1
        return possible


def _empty_table(slots: int) -> "array[int]":
    return array("H", [0]) * slots
