"""The Gantt chart of a transaction: start and duration of each item as percentages of the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from local_insights.model.item import ItemType
from local_insights.model.transaction import MissingParent, Transaction, TransactionItem
from local_insights.portal.formats import clip, duration
from local_insights.portal.item_details import describe_clock_shift
from local_insights.portal.transaction.query import TransactionQuery
from local_insights.portal.transaction.zoom import Zoom

_Line = MissingParent | tuple[int, TransactionItem]
"""An item with its number, or a parent that has not arrived."""

TITLE_LIMIT = 160
"""The maximum length of a title in a row; the details show the whole title."""

DEEPEST_INDENT = 24
"""Deeper levels have this indent, too, so that there is space for the title."""

_GLYPHS = {
    ItemType.REQUEST: "⬢",
    ItemType.DEPENDENCY: "→",
    ItemType.TRACE: "≡",
    ItemType.EXCEPTION: "✕",
    ItemType.CUSTOM_EVENT: "★",
    ItemType.PAGE_VIEW: "▤",
    ItemType.BROWSER_TIMING: "▤",
    ItemType.AVAILABILITY_RESULT: "◎",
}
_NARROW_PERCENT = 1.0
"""Narrower bars are less than 4 px wide on a chart of 400 px."""
_OTHER_GLYPH = "∙"
_MISSING_GLYPH = "?"


@dataclass(frozen=True, slots=True)
class GanttRow:
    """The row of an item, or of a parent that has not arrived, which has the number 0 and no bar.

    `start_percent` and `width_percent` are the position of the bar; an item without a duration is a mark. A bar that
    `is_narrow` has a part of constant width, so that it is visible on any chart. `below` is the number of items in the
    subtree; they have no rows when it is folded. `clock` states a correction of the item's clock.
    """

    number: int
    kind: str
    glyph: str
    title: str
    role: str
    indent: int
    below: int = 0
    folded: bool = False
    failed: bool = False
    start_percent: float = 0.0
    width_percent: float | None = None
    is_narrow: bool = False
    duration: str = ""
    clock: str = ""
    link: str = ""
    fold_link: str = ""


def gantt_rows(
    transaction: Transaction, folded: frozenset[int] = frozenset(), zoom: Zoom | None = None
) -> tuple[GanttRow, ...]:
    """Return one row per item in the order of the transaction, numbered from 1, without the subtrees of `folded`.

    With a zoom, the rows are the items within it and those above them, and bars fill its width.
    """
    return tuple(_rows(transaction, folded, zoom))


def linked(row: GanttRow, query: TransactionQuery, page: int) -> GanttRow:
    """Return the row with its links: one selects the item, one folds or unfolds its subtree."""
    other = query.folded ^ {row.number}
    return replace(
        row,
        link=replace(query, item=row.number, page=None).link(),
        fold_link=replace(query, folded=other, page=page).link() if row.below else "",
    )


def time_ticks(duration_ms: float) -> Sequence[str]:
    """Return the labels of the start, the quarters and the end of a time axis of this length."""
    return ("0", *(duration(duration_ms * quarter / 4) for quarter in range(1, 5)))


def _rows(transaction: Transaction, folded: frozenset[int], zoom: Zoom | None) -> Iterator[GanttRow]:
    missing = {parent.position: parent for parent in transaction.missing_parents}
    lines: list[_Line] = []
    for position, item in enumerate(transaction.items):
        if position in missing:
            lines.append(missing[position])
        lines.append((position + 1, item))
    shown = zoom or Zoom(0.0, transaction.duration_ms or 1.0)
    if zoom:
        lines = _lines_within(zoom, lines)
    sizes = _subtree_sizes([_depth(line) for line in lines])
    index = 0
    while index < len(lines):
        line, below = lines[index], sizes[index]
        index += 1
        if isinstance(line, MissingParent):
            yield _missing_row(line)
            continue
        number, item = line
        is_folded = number in folded and below > 0
        yield _row(number, item, shown, below=below, folded=is_folded)
        index += below if is_folded else 0


def _depth(line: _Line) -> int:
    return 0 if isinstance(line, MissingParent) else line[1].depth


def _lines_within(zoom: Zoom, lines: Sequence[_Line]) -> list[_Line]:
    """Return the items of which a part is within the range, and the lines above them."""
    within: list[_Line] = []
    depth_below = -1
    for line in reversed(lines):
        depth = _depth(line)
        if depth < depth_below or (not isinstance(line, MissingParent) and zoom.contains(line[1])):
            within.append(line)
            depth_below = depth
    return within[::-1]


def _subtree_sizes(depths: Sequence[int]) -> list[int]:
    """Return, for each line, the number of deeper lines that follow directly."""
    sizes = [0] * len(depths)
    above: list[int] = []
    for index, depth in enumerate([*depths, -1]):
        while above and depths[above[-1]] >= depth:
            start = above.pop()
            sizes[start] = index - start - 1
        above.append(index)
    return sizes


def _missing_row(parent: MissingParent) -> GanttRow:
    children = f"{parent.items:,} item{'' if parent.items == 1 else 's'} below"
    title = f"{clip(parent.id, TITLE_LIMIT // 2)} has not arrived ({children})"
    return GanttRow(number=0, kind="missing parent", glyph=_MISSING_GLYPH, title=title, role="", indent=0)


def _row(number: int, item: TransactionItem, shown: Zoom, *, below: int, folded: bool) -> GanttRow:
    start = _percent(item.offset_ms, shown)
    width = None if item.duration_ms is None else _percent(item.offset_ms + item.duration_ms, shown) - start
    return GanttRow(
        number=number,
        kind=item.item_type,
        glyph=_GLYPHS.get(ItemType(item.item_type), _OTHER_GLYPH),
        title=clip(item.title, TITLE_LIMIT),
        role=clip(item.component, TITLE_LIMIT),
        indent=min(item.depth, DEEPEST_INDENT),
        below=below,
        folded=folded,
        failed=item.is_failure,
        start_percent=round(start, 3),
        width_percent=None if width is None else round(width, 3),
        is_narrow=width is not None and width < _NARROW_PERCENT,
        duration="" if item.duration_ms is None else duration(item.duration_ms),
        clock=describe_clock_shift(item),
    )


def _percent(offset_ms: float, shown: Zoom) -> float:
    return min(100.0, max(0.0, 100 * (offset_ms - shown.start_ms) / shown.duration_ms))
