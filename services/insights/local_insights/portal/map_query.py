"""What a map is asked for: the state of the map page, all of which lives in its URL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self, cast
from urllib.parse import urlencode

from local_insights.portal.focus import MOST_HOPS
from local_insights.portal.query_error import QueryError
from local_insights.portal.time_query import TimeQuery, time_query

View = Literal["map", "table"]


@dataclass(frozen=True, slots=True)
class MapQuery:
    """A map in one time range, as one wants to look at it.

    `node` is the id of the selected node, `focus` the words that narrow the map to the nodes so called and their
    neighbours up to `hops` calls away; both are empty when nothing is selected or narrowed.
    """

    time: TimeQuery
    node: str = ""
    view: View = "map"
    focus: str = ""
    hops: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str], now: datetime) -> Self:
        """Read the state from a query string.

        Raises:
            QueryError: a parameter cannot be read.
        """
        view, hops = query.get("view") or "map", query.get("hops") or "1"
        if view not in ("map", "table"):
            message = f"view={view} is not a view."
            raise QueryError(message, "Expected view=map or view=table.")
        if hops not in {str(number) for number in range(1, MOST_HOPS + 1)}:
            message = f"hops={hops} is not a number of hops."
            raise QueryError(message, f"Expected hops=1 to hops={MOST_HOPS}.")
        return cls(
            time=time_query(query, now),
            node=query.get("node", ""),
            view=cast("View", view),
            focus=query.get("focus", "").strip(),
            hops=int(hops),
        )

    def without_node(self) -> Self:
        """The same with nothing selected."""
        return replace(self, node="")

    def link(self, path: str = "/map") -> str:
        """The address of this state on the page, or of the same map at one of the page's twins."""
        parameters = dict(self.time.parameters)
        if self.focus:
            parameters |= {"focus": self.focus, "hops": str(self.hops)}
        if path == "/map":
            parameters |= {"view": self.view} if self.view != "map" else {}
            parameters |= {"node": self.node} if self.node else {}
        return f"{path}?{urlencode(parameters, errors='replace')}"
