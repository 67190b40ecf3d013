"""The state of the map page, which is stored in its URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self, cast
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from local_insights.http.query_params import QueryError, TimeQuery, time_query
from local_insights.model.map_elements import Node
from local_insights.model.map_filters import MapFilter, NameFilter
from local_insights.portal.map.filter_query import filter_text, read_filters

View = Literal["map", "table"]
Grouping = Literal["auto", "always", "never"]

MAX_HOPS = 5


@dataclass(frozen=True, slots=True)
class MapQuery:
    """The query parameters of the map.

    - `node`: the id of the selected node, or empty.
    - `focus`, `hops`: restrict the map to the nodes that match the text and to nodes up to `hops` calls away.
    - `filters`: applied from left to right after the focus.
    - `grouping`: group dependencies of the same type and callers always, never, or only on large maps.
    - `expanded`: ids of groups that are not grouped.
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
        """Parse the query string.

        A filter is one parameter (`filter=failed >= 5`), or two from the form for a new filter
        (`add=failed >=&value=5`).

        Raises:
            QueryError: a parameter is invalid.
        """
        added = f"{query.get('add', '')} {query['value'].strip()}" if query.get("value", "").strip() else ""
        return cls(
            time=time_query(query, now),
            node=query.get("node", ""),
            view=cast("View", _one_of("view", query.get("view") or "map", ("map", "table"))),
            focus=query.get("focus", "").strip(),
            hops=int(_one_of("hops", query.get("hops") or "1", [str(hops) for hops in range(1, MAX_HOPS + 1)])),
            filters=read_filters([*query.getlist("filter"), added]),
            grouping=cast("Grouping", _one_of("group", query.get("group") or "auto", ("auto", "always", "never"))),
            expanded=tuple(dict.fromkeys(query.getlist("expand"))),
        )

    def is_named(self) -> Callable[[Node], bool]:
        """Return a function that finds the nodes that the query selects by an id or by a text in the name."""
        filters = (one.text for one in self.filters if isinstance(one, NameFilter) and not one.excludes)
        texts = [text.casefold() for text in (self.focus, *filters) if text]

        if not (self.node or texts):
            return lambda _: False

        def find(node: Node) -> bool:
            return node.id == self.node or any(text in node.name.casefold() for text in texts)

        return find

    def without_node(self) -> Self:
        """Return the query without the selected node."""
        return replace(self, node="")

    def without_filter(self, index: int) -> Self:
        """Return the query without one of its filters."""
        return replace(self, filters=self.filters[:index] + self.filters[index + 1 :])

    @property
    def map_params(self) -> Mapping[str, str | list[str]]:
        """The parameters that select nodes and connectors, without the time range."""
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
        """All parameters except the time range, which stay the same when the time range changes."""
        parameters = dict(self.map_params)
        parameters |= {"view": self.view} if self.view != "map" else {}
        parameters |= {"node": self.node} if self.node else {}
        return parameters

    def link(self, path: str = "/map") -> str:
        """Return the URL of this map at `path`: the page, or the path of another format."""
        parameters = {**self.time.parameters, **(self.preserved_params if path == "/map" else self.map_params)}
        return f"{path}?{urlencode(parameters, doseq=True, errors='replace')}"


def _one_of(name: str, value: str, expected: Sequence[str]) -> str:
    if value not in expected:
        message = f"{name}={value} is not supported."
        raise QueryError(message, f"Expected {' or '.join(f'{name}={one}' for one in expected)}.")
    return value
