"""The state of the page Transactions, as read from the URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from local_insights.http.query_params import TimeQuery, time_query

PATH = "/transaction"


@dataclass(frozen=True, slots=True)
class TransactionsQuery:
    """A filter for operations.

    Attributes:
        time: the time range in which they started.
        node: the id of a map node that took part; empty for all operations.
        failed: True for failed operations only.
    """

    time: TimeQuery
    node: str = ""
    failed: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], now: datetime) -> Self:
        """Read the state from a query string.

        Raises:
            QueryError: the time range is invalid.
        """
        return cls(time_query(query, now), query.get("node", ""), query.get("failed", "") not in {"", "0", "false"})

    @property
    def preserved_params(self) -> dict[str, str]:
        """The parameters without the time range."""
        return ({"node": self.node} if self.node else {}) | ({"failed": "1"} if self.failed else {})

    @property
    def node_name(self) -> str:
        """The name of the node; empty when there is no such filter."""
        return self.node.partition(":")[2].replace("|", " · ", 1)

    @property
    def all_link(self) -> str:
        """The same list with succeeded and failed operations."""
        return TransactionsQuery(self.time, self.node).link()

    @property
    def failed_link(self) -> str:
        """The same list with failed operations only."""
        return TransactionsQuery(self.time, self.node, failed=True).link()

    @property
    def all_nodes_link(self) -> str:
        """The same list without the filter by node."""
        return TransactionsQuery(self.time, failed=self.failed).link()

    @property
    def map_link(self) -> str:
        """The map at the same time range."""
        return f"/map?{urlencode(self.time.parameters)}"

    def link(self, path: str = PATH) -> str:
        """Return the address of this state, on the page or at another path."""
        return f"{path}?{urlencode({**self.time.parameters, **self.preserved_params}, errors='replace')}"
