"""The newest operations, so that one finds a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from local_insights.http.query_params import TimeQuery, time_query
from local_insights.model.summaries import OperationSummary
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.transaction.page import transaction_link

LIMIT = 100


@dataclass(frozen=True, slots=True)
class TransactionListQuery:
    """Which operations are asked for: those in which `node` took part (all when empty), or only the failed ones."""

    time: TimeQuery
    node: str = ""
    failed: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], now: datetime) -> Self:
        """Read it from a query string.

        Raises:
            QueryError: the time range cannot be read.
        """
        return cls(time_query(query, now), query.get("node", ""), query.get("failed", "") not in {"", "0", "false"})

    @property
    def node_name(self) -> str:
        """What the node is called; empty when there is none."""
        return self.node.partition(":")[2].replace("|", " · ", 1)

    @property
    def all_link(self) -> str:
        """The same list with the operations that succeeded."""
        return self._link(failed=False, node=self.node)

    @property
    def failed_link(self) -> str:
        """The same list without the operations that succeeded."""
        return self._link(failed=True, node=self.node)

    @property
    def everywhere_link(self) -> str:
        """The same list whatever took part."""
        return self._link(failed=self.failed, node="")

    @property
    def map_link(self) -> str:
        """The map of the same time."""
        return f"/map?{urlencode(self.time.parameters)}"

    def _link(self, *, failed: bool, node: str) -> str:
        parameters = dict(self.time.parameters)
        parameters |= {"node": node} if node else {}
        parameters |= {"failed": "1"} if failed else {}
        return f"/transaction?{urlencode(parameters, errors='replace')}"


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One operation of the list."""

    link: str
    operation_id: str
    name: str
    role: str
    start_us: int
    duration_ms: float | None
    failed: bool


@dataclass(frozen=True, slots=True)
class TransactionListPage:
    """The page `/transaction`."""

    layout: PageLayout
    query: TransactionListQuery
    rows: tuple[TransactionRow, ...]
    limit: int = LIMIT


def transaction_row(summary: OperationSummary) -> TransactionRow:
    """An operation as lists show it."""
    return TransactionRow(
        link=transaction_link(summary.operation_id),
        operation_id=summary.operation_id,
        name=summary.name or summary.operation_id,
        role=summary.role,
        start_us=summary.start_us,
        duration_ms=None if summary.duration_us is None else summary.duration_us / 1000,
        failed=summary.success is False,
    )
