"""The page `/transaction/{operation_id}`: one operation from end to end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from local_insights.model.transaction import Transaction
from local_insights.portal.formats import clip, duration
from local_insights.portal.links import item_number, transaction_link
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.transaction.gantt import GanttRow, gantt_rows, linked, time_ticks
from local_insights.portal.transaction.item_details import ItemDetails, item_details
from local_insights.portal.transaction.query import TransactionQuery
from local_insights.portal.transaction.surrounding_items import Neighbours, surroundings_link

ITEM_LIMIT = 10_000
"""Items of one operation that are looked at, the earliest first."""

ROWS = 500
"""Rows of one page: more make the page slower to load than to page through."""


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """The page of one transaction.

    `rows` are those of this page, numbers `first_row` to `last_row` of `row_count`; `details` belong to the item with
    the number `selected`; `ticks` are the words of the time axis. `neighbours` are None where nobody asked for them.
    """

    layout: PageLayout
    query: TransactionQuery
    transaction: Transaction
    name: str
    duration: str
    rows: tuple[GanttRow, ...]
    selected: int
    first_row: int
    row_count: int
    ticks: Sequence[str]
    details: ItemDetails
    path: str
    notes: tuple[str, ...]
    neighbours: Neighbours | None = None

    @property
    def last_row(self) -> int:
        """The number of the last row of this page."""
        return self.first_row + len(self.rows) - 1

    @property
    def earlier_link(self) -> str:
        """The page of rows before this one; empty on the first."""
        return self._page_link(self.first_row // ROWS) if self.first_row > 1 else ""

    @property
    def later_link(self) -> str:
        """The page of rows after this one; empty on the last."""
        return self._page_link(self.first_row // ROWS + 2) if self.last_row < self.row_count else ""

    @property
    def unfolded_link(self) -> str:
        """This page with nothing folded; empty when nothing is."""
        return replace(self.query, folded=frozenset()).link() if self.query.folded else ""

    @property
    def around_link(self) -> str:
        """This page with the neighbours of the transaction, or without them when they are shown."""
        link = replace(self.query, around=not self.query.around).link()
        return link if self.query.around else f"{link}#around"

    @property
    def search_link(self) -> str:
        """All telemetry from five minutes before the transaction to five minutes after it."""
        return surroundings_link(self.transaction)

    def _page_link(self, page: int) -> str:
        return replace(self.query, page=page).link()


def transaction_page(transaction: Transaction, parameters: Mapping[str, str]) -> TransactionPage:
    """Lay out a transaction with the item that `item=` or `find=` selects, else the first failed one, else the first.

    The rows are those of `page=`; without it, of the page that shows the selected item, or the item that it is folded
    away under.

    Raises:
        QueryError: a parameter cannot be read.
    """
    items = transaction.items
    query = TransactionQuery.read(parameters, len(items))
    named = item_number(items, parameters.get("find", ""))
    selected = query.item or named or next((number for number, item in enumerate(items, start=1) if item.is_failure), 1)
    rows = gantt_rows(transaction, query.folded)
    shown_at = max((place for place, row in enumerate(rows) if 0 < row.number <= selected), default=0)
    last_page = (len(rows) - 1) // ROWS + 1
    page = min(query.page or shown_at // ROWS + 1, last_page)
    path = transaction_link(transaction.operation_id)
    notes = transaction.notes
    if len(items) >= ITEM_LIMIT:
        notes += (f"Only the first {ITEM_LIMIT:,} items are shown.",)
    return TransactionPage(
        layout=PageLayout("End-to-end transaction", "transactions", path),
        query=replace(query, item=selected),
        transaction=transaction,
        name=clip(transaction.name, 200),
        duration=duration(transaction.duration_ms),
        rows=tuple(linked(row, replace(query, item=selected), page) for row in rows[(page - 1) * ROWS : page * ROWS]),
        selected=selected,
        first_row=(page - 1) * ROWS + 1,
        row_count=len(rows),
        ticks=time_ticks(transaction),
        details=item_details(selected, items[selected - 1]),
        path=path,
        notes=notes,
    )
