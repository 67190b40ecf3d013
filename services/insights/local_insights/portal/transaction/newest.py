"""The newest operations, so that one finds a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from local_insights.http.query_params import TimeQuery, time_query
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.transaction_row import TransactionRow

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
class TransactionListPage:
    """The page `/transaction`."""

    layout: PageLayout
    query: TransactionListQuery
    rows: tuple[TransactionRow, ...]
    limit: int = LIMIT
