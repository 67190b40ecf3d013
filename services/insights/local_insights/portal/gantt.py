"""The bars of a transaction: where each item begins and how long it takes, as shares of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from local_insights.model.item import ItemType
from local_insights.model.transaction import Transaction, TransactionItem
from local_insights.portal.formats import clip, duration

TITLE_LIMIT = 160
"""Characters of a title that a row holds; the details show the rest."""

DEEPEST_INDENT = 24
"""Deeper levels stand at this one's indent: a row must keep room for its title."""

_GLYPHS = {
    ItemType.REQUEST: "▸",
    ItemType.DEPENDENCY: "→",
    ItemType.TRACE: "≡",
    ItemType.EXCEPTION: "✕",
    ItemType.CUSTOM_EVENT: "★",
    ItemType.PAGE_VIEW: "▤",
    ItemType.BROWSER_TIMING: "▤",
    ItemType.AVAILABILITY_RESULT: "◎",
}
_OTHER_GLYPH = "∙"


@dataclass(frozen=True, slots=True)
class GanttRow:
    """One item's row. `start_percent` and `width_percent` place its bar; an item without duration is a mark."""

    number: int
    kind: str
    glyph: str
    title: str
    role: str
    indent: int
    failed: bool
    start_percent: float
    width_percent: float | None
    duration: str
    selected: bool


def gantt_rows(transaction: Transaction, selected: int) -> tuple[GanttRow, ...]:
    """One row an item, in the transaction's order; items are numbered from 1."""
    whole_ms = transaction.duration_ms or 1.0
    return tuple(
        _row(number, item, whole_ms, selected=number == selected)
        for number, item in enumerate(transaction.items, start=1)
    )


def time_ticks(transaction: Transaction) -> Sequence[str]:
    """Words for the beginning, the quarters and the end of the time axis."""
    return ("0", *(duration(transaction.duration_ms * quarter / 4) for quarter in range(1, 5)))


def _row(number: int, item: TransactionItem, whole_ms: float, *, selected: bool) -> GanttRow:
    start = min(100.0, max(0.0, 100 * item.offset_ms / whole_ms))
    width = None if item.duration_ms is None else min(100 - start, 100 * item.duration_ms / whole_ms)
    return GanttRow(
        number=number,
        kind=item.item_type,
        glyph=_GLYPHS.get(ItemType(item.item_type), _OTHER_GLYPH),
        title=clip(item.title, TITLE_LIMIT),
        role=clip(item.role, TITLE_LIMIT),
        indent=min(item.depth, DEEPEST_INDENT),
        failed=item.is_failure,
        start_percent=round(start, 3),
        width_percent=None if width is None else round(width, 3),
        duration="" if item.duration_ms is None else duration(item.duration_ms),
        selected=selected,
    )
