"""The page `/transaction/{operation_id}`: one operation from end to end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from local_insights.model.transaction import Transaction
from local_insights.portal.formats import clip, duration
from local_insights.portal.frame import Frame
from local_insights.portal.gantt import GanttRow, gantt_rows, time_ticks
from local_insights.portal.item_details import ItemDetails, item_details
from local_insights.portal.query_error import QueryError

ITEM_LIMIT = 10_000
"""Items of one operation that are looked at, the earliest first."""


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """The page of one transaction. `details` belong to the selected item; `ticks` are the words of the time axis."""

    frame: Frame
    transaction: Transaction
    name: str
    duration: str
    rows: tuple[GanttRow, ...]
    ticks: Sequence[str]
    details: ItemDetails
    json_link: str
    notes: tuple[str, ...]


def transaction_page(transaction: Transaction, query: Mapping[str, str]) -> TransactionPage:
    """Lay out a transaction with the item that `item=` selects: the first failed one, else the first, without it.

    Raises:
        QueryError: `item` is not the number of an item.
    """
    items = transaction.items
    number = _item_number(query.get("item", ""), len(items)) or next(
        (number for number, item in enumerate(items, start=1) if item.is_failure), 1
    )
    path = transaction_link(transaction.operation_id)
    notes = transaction.notes
    if len(items) >= ITEM_LIMIT:
        notes += (f"Only the first {ITEM_LIMIT:,} items are shown.",)
    return TransactionPage(
        frame=Frame("End-to-end transaction", "transactions", path),
        transaction=transaction,
        name=clip(transaction.name, 200),
        duration=duration(transaction.duration_ms),
        rows=gantt_rows(transaction, number),
        ticks=time_ticks(transaction),
        details=item_details(number, items[number - 1]),
        json_link=f"{path}.json",
        notes=notes,
    )


def transaction_link(operation_id: str) -> str:
    """The address of an operation's page."""
    return f"/transaction/{quote(operation_id, safe='', errors='replace')}"


def _item_number(text: str, items: int) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= items:  # noqa: PLR2004 - int() of any length is slow
        return int(text)
    message = f"item={clip(text, 50)} is not an item of this transaction."
    raise QueryError(message, f"Expected item=1 to item={items}.")
