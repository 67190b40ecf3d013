"""A part of the time of a transaction that fills the width of its chart: `?range=1200-1530.5`, in milliseconds.

A transaction can last for days (one operation id for all page views of a single-page application), so that no bar has a
visible width on the axis of the whole transaction.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from local_insights.http.query_params import QueryError
from local_insights.model.item import ItemType
from local_insights.model.transaction import TransactionItem
from local_insights.portal.formats import clip

_MARGIN = 0.04
"""The share of the zoomed time that is added on both sides."""
_SHORTEST_MS = 1.0
_NUMBER = r"(\d{1,12}(?:\.\d{1,3})?)"
_RANGE = re.compile(f"{_NUMBER}-{_NUMBER}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Zoom:
    """A range of milliseconds from the start of a transaction."""

    start_ms: float
    end_ms: float

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the value of `range`.

        Raises:
            QueryError: the value is not a range, or it is empty.
        """
        match = _RANGE.fullmatch(text)
        if match is None or float(match[1]) >= float(match[2]):
            message = f"range={clip(text, 50)} is not a range of milliseconds."
            raise QueryError(message, "Expected two numbers from the start of the transaction: range=1200-1530.5.")
        return cls(float(match[1]), float(match[2]))

    @property
    def value(self) -> str:
        """The value of `range`."""
        return f"{_format(self.start_ms)}-{_format(self.end_ms)}"

    @property
    def duration_ms(self) -> float:
        """The length of the range."""
        return self.end_ms - self.start_ms

    def contains(self, item: TransactionItem) -> bool:
        """Return True if a part of the item is in the range."""
        return item.offset_ms <= self.end_ms and _end_ms(item) >= self.start_ms


def zoom_to(items: Sequence[TransactionItem], number: int) -> Zoom:
    """Return the range of an item, from 1, with its subtree; that of a page view is in `zooms_to_page_views`."""
    if items[number - 1].item_type == ItemType.PAGE_VIEW:
        return zooms_to_page_views(items)[number]
    return _with_margins(items[number - 1].offset_ms, max(map(_end_ms, _subtree(items, number))))


def zooms_to_page_views(items: Sequence[TransactionItem]) -> dict[int, Zoom]:
    """Return the range of each page view, by number, from 1, in the order of time.

    A page view extends to the items that begin before the next page view: they belong to it, although they are often
    not in its subtree.
    """
    views = sorted(
        (item.offset_ms, number) for number, item in enumerate(items, start=1) if item.item_type == ItemType.PAGE_VIEW
    )
    starts_ms = [start_ms for start_ms, _ in views]
    ends_ms = list(starts_ms)
    for item in items:
        view = bisect_right(starts_ms, item.offset_ms) - 1
        if view >= 0:
            ends_ms[view] = max(ends_ms[view], _end_ms(item))
    return {number: _with_margins(start_ms, end_ms) for (start_ms, number), end_ms in zip(views, ends_ms, strict=True)}


def _with_margins(start_ms: float, end_ms: float) -> Zoom:
    length_ms = max(_SHORTEST_MS, end_ms - start_ms)
    margin_ms = length_ms * _MARGIN
    return Zoom(round(max(0.0, start_ms - margin_ms), 3), round(start_ms + length_ms + margin_ms, 3))


def _subtree(items: Sequence[TransactionItem], number: int) -> list[TransactionItem]:
    subtree = [items[number - 1]]
    for item in items[number:]:
        if item.depth <= subtree[0].depth:
            break
        subtree.append(item)
    return subtree


def _end_ms(item: TransactionItem) -> float:
    return item.offset_ms + (item.duration_ms or 0)


def _format(milliseconds: float) -> str:
    return f"{milliseconds:.3f}".rstrip("0").rstrip(".")
