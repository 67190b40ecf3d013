"""What a map is asked for: the state of the map page, all of which lives in its URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self, cast
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from local_insights.http.query_params import QueryError, TimeQuery, time_query
from local_insights.model.map_filters import MapFilter
from local_insights.portal.map.filter_query import filter_text, read_filters
from local_insights.portal.map.focus import MOST_HOPS

View = Literal["map", "table"]
Grouping = Literal["auto", "always", "never"]

_MEANINGS = {"view": "view", "hops": "number of hops", "group": "way to group"}


@dataclass(frozen=True, slots=True)
class MapQuery:
    """A map in one time range, as one wants to look at it.

    `node` is the id of the selected node, `focus` the words that narrow the map to the nodes so called and their
    neighbours up to `hops` calls away; both are empty when nothing is selected or narrowed. `filters` apply from left
    to right to what the focus left. `grouping` says when like dependencies are drawn as one; the groups whose ids are
    in `expanded` never are.
    """

    time: TimeQuery
    node: str = ""
    view: View = "map"
    focus: str = ""
    hops: int = 1
    filters: tuple[MapFilter, ...] = ()
    grouping: Grouping = "auto"
    expanded: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryParams, now: datetime) -> Self:
        """Read the state from a query string.

        A filter may come in one piece (`filter=failed >= 5`), or as a form sends a new one: `add=failed >=&value=5`.

        Raises:
            QueryError: a parameter cannot be read.
        """
        added = f"{query.get('add', '')} {query['value'].strip()}" if query.get("value", "").strip() else ""
        return cls(
            time=time_query(query, now),
            node=query.get("node", ""),
            view=cast("View", _one_of("view", query.get("view") or "map", ("map", "table"))),
            focus=query.get("focus", "").strip(),
            hops=int(_one_of("hops", query.get("hops") or "1", [str(hops) for hops in range(1, MOST_HOPS + 1)])),
            filters=read_filters([*query.getlist("filter"), added]),
            grouping=cast("Grouping", _one_of("group", query.get("group") or "auto", ("auto", "always", "never"))),
            expanded=tuple(dict.fromkeys(query.getlist("expand"))),
        )

    def without_node(self) -> Self:
        """The same with nothing selected."""
        return replace(self, node="")

    def without_filter(self, index: int) -> Self:
        """The same without one of its filters."""
        return replace(self, filters=self.filters[:index] + self.filters[index + 1 :])

    @property
    def narrowing(self) -> Mapping[str, str | list[str]]:
        """The parameters that decide which nodes and connectors are shown, the time range aside."""
        parameters: dict[str, str | list[str]] = {}
        if self.focus:
            parameters |= {"focus": self.focus, "hops": str(self.hops)}
        if self.filters:
            parameters["filter"] = [filter_text(map_filter) for map_filter in self.filters]
        if self.grouping != "auto":
            parameters["group"] = self.grouping
        if self.expanded:
            parameters["expand"] = list(self.expanded)
        return parameters

    @property
    def preserved_params(self) -> Mapping[str, str | list[str]]:
        """Everything but the time range: what a change of that leaves as it is."""
        parameters = dict(self.narrowing)
        parameters |= {"view": self.view} if self.view != "map" else {}
        parameters |= {"node": self.node} if self.node else {}
        return parameters

    def link(self, path: str = "/map") -> str:
        """The address of this state on the page, or of the same map at one of the page's twins."""
        parameters = {**self.time.parameters, **(self.preserved_params if path == "/map" else self.narrowing)}
        return f"{path}?{urlencode(parameters, doseq=True, errors='replace')}"


def _one_of(name: str, value: str, expected: Sequence[str]) -> str:
    if value not in expected:
        message = f"{name}={value} is not a {_MEANINGS[name]}."
        raise QueryError(message, f"Expected {' or '.join(f'{name}={one}' for one in expected)}.")
    return value
