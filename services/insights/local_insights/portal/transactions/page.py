"""The template context of the page Transactions."""

from dataclasses import dataclass

from local_insights.portal.page_layout import PageLayout
from local_insights.portal.transaction_row import TransactionRow
from local_insights.portal.transactions.query import TransactionsQuery

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class TransactionsPage:
    """The page `/transaction`."""

    layout: PageLayout
    query: TransactionsQuery
    rows: tuple[TransactionRow, ...]
    limit: int = MOST_ROWS
