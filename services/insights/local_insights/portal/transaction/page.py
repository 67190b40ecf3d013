"""The template context of the page of one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from local_insights.model.item import Item
from local_insights.model.item_key import item_key
from local_insights.model.transaction import Transaction, TransactionItem, single_item
from local_insights.portal.formats import MILLION, THOUSAND, clip, duration, timestamp
from local_insights.portal.item_details import ItemDetails, item_details
from local_insights.portal.links import details_link, item_number
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.transaction.gantt import GanttRow, gantt_rows, linked, time_ticks
from local_insights.portal.transaction.query import TransactionQuery
from local_insights.portal.transaction.surrounding_items import SurroundingItems, surroundings_link
from local_insights.portal.transaction.zoom import zoom_to, zooms_to_page_views

ITEM_LIMIT = 10_000
"""The maximum number of items of one operation; the earliest are read."""

ROWS = 500
"""The maximum number of rows on one page: a longer page takes more time to load than the user needs to turn a page."""


MOST_PAGE_VIEWS = 200
"""The maximum number of page views that are listed."""


@dataclass(frozen=True, slots=True)
class PageViewLink:
    """One of several page views; its link shows the part of the transaction until the next page view."""

    link: str
    time_us: int
    name: str


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """The page of one transaction.

    `rows` are the rows `first_row` to `last_row` of `row_count`. `details` describe the item with the number
    `selected`; `ticks` are the labels of the time axis. `page_views` are the first of several page views. `surrounding`
    is None unless the request includes it.
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
    page_views: tuple[PageViewLink, ...]
    surrounding: SurroundingItems | None = None

    @property
    def last_row(self) -> int:
        """The number of the last row on this page."""
        return self.first_row + len(self.rows) - 1

    @property
    def earlier_link(self) -> str:
        """The address of the previous page of rows; empty on the first."""
        return self._page_link(self.first_row // ROWS) if self.first_row > 1 else ""

    @property
    def later_link(self) -> str:
        """The address of the next page of rows; empty on the last."""
        return self._page_link(self.first_row // ROWS + 2) if self.last_row < self.row_count else ""

    @property
    def unfolded_link(self) -> str:
        """The address of this page with no row folded; empty when none is."""
        return replace(self.query, folded=frozenset()).link() if self.query.folded else ""

    @property
    def zoom_label(self) -> str:
        """The shown part of the transaction as text; empty when it is the whole."""
        zoom = self.query.zoom
        if zoom is None:
            return ""
        start_us = round(self.transaction.start_time.timestamp() * MILLION + zoom.start_ms * THOUSAND)
        return f"{duration(zoom.duration_ms)} from {timestamp(start_us)} UTC"

    @property
    def whole_link(self) -> str:
        """The address of the whole transaction with the same item selected."""
        return replace(self.query, zoom=None, page=None).link()

    @property
    def surrounding_link(self) -> str:
        """The address of this page with the surrounding items, or without them when they are shown."""
        link = replace(self.query, surrounding=not self.query.surrounding).link()
        return link if self.query.surrounding else f"{link}#surrounding"

    @property
    def search_link(self) -> str:
        """The search for all telemetry from five minutes before the transaction to five minutes after it."""
        return surroundings_link(self.transaction)

    def _page_link(self, page: int) -> str:
        return replace(self.query, page=page).link()


def transaction_page(
    transaction: Transaction, parameters: Mapping[str, str], layout: PageLayout, further_item: Item | None = None
) -> TransactionPage:
    """Return the context for a transaction.

    The details are those of `further_item`, an item that has no row, if it is passed.

    The selected item is that of `item=` or `find=`, else the first failed one, else the first. The rows are those of
    `page=`, else those of the page that shows the selected item or the folded item above it.

    Raises:
        QueryError: a parameter is invalid.
    """
    items = transaction.items
    query = TransactionQuery.read(parameters, len(items))
    named = item_number(items, parameters.get("find", ""))
    selected = query.item or named or next((number for number, item in enumerate(items, start=1) if item.is_failure), 1)
    rows = gantt_rows(transaction, query.folded, query.zoom)
    duration_ms = query.zoom.duration_ms if query.zoom else transaction.duration_ms
    shown_at = max((index for index, row in enumerate(rows) if 0 < row.number <= selected), default=0)
    last_page = max(0, len(rows) - 1) // ROWS + 1
    page = min(query.page or shown_at // ROWS + 1, last_page)
    notes = transaction.notes
    if len(items) >= ITEM_LIMIT:
        notes += (f"Only the first {ITEM_LIMIT:,} items are shown.",)
    if further_item:
        notes += ("The selected item is after them; it has no row.",)
    details = (
        item_details(single_item(further_item), details_link(item_key(further_item)))
        if further_item
        else item_details(
            items[selected - 1], details_link(item_key(items[selected - 1].stored)), _zoom_link(items, query, selected)
        )
    )
    return TransactionPage(
        layout=layout,
        query=replace(query, item=selected),
        transaction=transaction,
        name=clip(transaction.name, 200),
        duration=duration(transaction.duration_ms),
        rows=tuple(linked(row, replace(query, item=selected), page) for row in rows[(page - 1) * ROWS : page * ROWS]),
        selected=0 if further_item else selected,
        first_row=(page - 1) * ROWS + 1,
        row_count=len(rows),
        ticks=time_ticks(duration_ms),
        details=details,
        path=layout.path,
        notes=notes,
        page_views=_page_views(items),
    )


def _zoom_link(items: Sequence[TransactionItem], query: TransactionQuery, number: int) -> str:
    """Return the address of the part of the transaction with one item, which is selected."""
    zoomed = replace(query, item=number, zoom=zoom_to(items, number), page=None)
    return "" if zoomed.zoom == query.zoom else zoomed.link()


def _page_views(items: Sequence[TransactionItem]) -> tuple[PageViewLink, ...]:
    """Return links that zoom to each page view; none when there is only one."""
    zooms = zooms_to_page_views(items)
    if len(zooms) < 2:  # noqa: PLR2004 - one page view is the whole
        return ()
    return tuple(
        PageViewLink(
            link=TransactionQuery(item=number, zoom=zoom).link(),
            time_us=items[number - 1].stored.time_us,
            name=items[number - 1].title,
        )
        for number, zoom in islice(zooms.items(), MOST_PAGE_VIEWS)
    )
