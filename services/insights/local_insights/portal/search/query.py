"""What a search is asked for: the state of the page `/search`, all of which lives in its URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from local_insights.http.query_params import QueryError, TimeQuery, time_query
from local_insights.model.item import ItemType
from local_insights.model.search.parser import parse
from local_insights.model.search.search import Facet, Filters, Search, SearchCursor
from local_insights.portal.formats import clip

PATH = "/search"
MOST_VALUES = 50
"""Values that one facet can be narrowed to."""

_PLACE = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)
_CLOSED = {
    Facet.TYPE: tuple(ItemType),
    Facet.SUCCESS: ("true", "false"),
    Facet.SEVERITY: ("0", "1", "2", "3", "4"),
}
"""Facets whose values are known beforehand."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is searched for, and which page of the findings.

    `text` is the query as it was typed. The page has the items next before the place `before`, or next after the place
    `after`; the newest when neither is given.
    """

    time: TimeQuery
    text: str = ""
    filters: Filters = field(default_factory=dict)
    before: SearchCursor | None = None
    after: SearchCursor | None = None

    @classmethod
    def read(cls, query: QueryParams, now: datetime) -> Self:
        """Read the state from a query string.

        Raises:
            QueryError: a parameter cannot be read. The text is not among them: see `search`.
        """
        before, after = _place("before", query), _place("after", query)
        if before and after:
            message = "before and after came together."
            raise QueryError(message, "Expected one of them, or neither for the newest items.")
        return cls(
            time=time_query(query, now),
            text=query.get("q", "").strip(),
            filters={facet: values for facet in Facet if (values := _values(facet, query))},
            before=before,
            after=after,
        )

    def search(self) -> Search:
        """What the store is asked.

        Raises:
            SearchSyntaxError: the text cannot be read.
        """
        return Search(self.time.time_range, parse(self.text), self.filters)

    @property
    def preserved_params(self) -> Mapping[str, str | list[str]]:
        """What is searched for, the time range aside: what a change of that leaves as it is."""
        text = {"q": self.text} if self.text else {}
        return text | {facet.value: sorted(values) for facet, values in self.filters.items()}

    @property
    def place(self) -> Mapping[str, str]:
        """The parameter that says which page; none for the newest."""
        places = {"before": self.before, "after": self.after}
        return {name: f"{place.time_us}-{place.row}" for name, place in places.items() if place}

    def turned(self, *, before: SearchCursor | None = None, after: SearchCursor | None = None) -> Self:
        """Another page of the same findings; the newest without a place."""
        return replace(self, before=before, after=after)

    def unfiltered(self) -> Self:
        """The newest page of a search for the same text alone."""
        return replace(self, filters={}, before=None, after=None)

    def link(self, path: str = PATH, **others: str) -> str:
        """The address of this state, on the page or at another path."""
        parameters = {**self.time.parameters, **self.preserved_params, **self.place, **others}
        return f"{path}?{urlencode(parameters, doseq=True, errors='replace')}"


def _values(facet: Facet, query: QueryParams) -> frozenset[str]:
    values = frozenset(query.getlist(facet.value)) - {""}
    if len(values) > MOST_VALUES:
        message = f"{len(values)} values of {facet.value} are too many."
        raise QueryError(message, f"Expected {MOST_VALUES} at most.")
    known = _CLOSED.get(facet)
    for value in sorted(values):
        if known and value not in known:
            message = f"{facet.value}={clip(value, 50)} is not a value of {facet.value}."
            raise QueryError(message, f"Expected {facet.value}=" + ", ".join(known) + ".")
    return values


def _place(name: str, query: QueryParams) -> SearchCursor | None:
    text = query.get(name, "")
    if not text:
        return None
    match = _PLACE.fullmatch(text)
    if match is None:
        message = f"{name}={clip(text, 50)} is not a place among the items."
        raise QueryError(message, f"Expected {name}=<microseconds>-<row>, as links to further pages have it.")
    return SearchCursor(int(match[1]), int(match[2]))
