"""The state of the page Search, as read from the URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from local_insights.http.query_params import QueryError, TimeQuery, time_query
from local_insights.model.item import ItemType
from local_insights.model.search.parser import SearchSyntaxError, parse, unmatched_parentheses
from local_insights.model.search.search import Facet, Filters, Search, SearchCursor
from local_insights.portal.formats import clip

PATH = "/search"

_CURSOR = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)
_CLOSED = {
    Facet.TYPE: tuple(ItemType),
    Facet.SUCCESS: ("true", "false"),
    Facet.SEVERITY: ("0", "1", "2", "3", "4"),
}
"""The facets with a fixed set of values."""


class SearchTextError(QueryError):
    """The text of a search has a syntax error.

    Attributes:
        detail: the error without the name of the parameter, for the page.
    """

    def __init__(self, error: SearchSyntaxError) -> None:
        super().__init__(f"q cannot be read at character {error.position}: {error.problem}", error.remedy)
        self.detail = f"Character {error.position}: {error.problem}"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search, and the page of its results.

    Attributes:
        time: the time range.
        text: the query as typed.
        filters: the values that the results are filtered by, by facet.
        before: the page has the items next before this cursor.
        after: the page has the items next after this cursor. Without a cursor it has the newest items.
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
            QueryError: a parameter other than `q` is invalid. `search` checks `q`.
        """
        before, after = _cursor("before", query), _cursor("after", query)
        if before and after:
            message = "before and after cannot be combined."
            raise QueryError(message, "Expected one of them, or none for the newest items.")
        return cls(
            time=time_query(query, now),
            text=query.get("q", "").strip(),
            filters={facet: values for facet in Facet if (values := _values(facet, query))},
            before=before,
            after=after,
        )

    def search(self) -> Search:
        """Return the search for the store.

        Raises:
            SearchTextError: the text has a syntax error.
        """
        try:
            return Search(self.time.time_range, parse(self.text), self.filters)
        except SearchSyntaxError as error:
            raise SearchTextError(error) from error

    @property
    def hints(self) -> tuple[str, ...]:
        """Parts of the text that are searched otherwise than they may be meant."""
        return tuple(
            f"Character {position}: this {self.text[position - 1]} has no counterpart and is searched as text."
            for position in unmatched_parentheses(self.text)
        )

    @property
    def preserved_params(self) -> Mapping[str, str | list[str]]:
        """The parameters of the search without time range and cursor."""
        text = {"q": self.text} if self.text else {}
        return text | {facet.value: sorted(values) for facet, values in self.filters.items()}

    @property
    def cursor(self) -> Mapping[str, str]:
        """The parameter of the page of results; none for the newest."""
        cursors = {"before": self.before, "after": self.after}
        return {name: f"{cursor.time_us}-{cursor.row}" for name, cursor in cursors.items() if cursor}

    def at(self, *, before: SearchCursor | None = None, after: SearchCursor | None = None) -> Self:
        """Return another page of the same results."""
        return replace(self, before=before, after=after)

    def first_page(self) -> Self:
        """Return the page with the newest results."""
        return self.at()

    def unfiltered(self) -> Self:
        """Return the newest results for the same text without filters."""
        return replace(self, filters={}, before=None, after=None)

    def link(self, path: str = PATH, **others: str) -> str:
        """Return the address of this state, on the page or at another path."""
        parameters = {**self.time.parameters, **self.preserved_params, **self.cursor, **others}
        return f"{path}?{urlencode(parameters, doseq=True, errors='replace')}"


def _values(facet: Facet, query: QueryParams) -> frozenset[str]:
    values = frozenset(query.getlist(facet.value)) - {""}
    known = _CLOSED.get(facet)
    for value in sorted(values):
        if known and value not in known:
            message = f"{facet.value}={clip(value, 50)} is invalid."
            raise QueryError(message, f"Expected {facet.value}=" + ", ".join(known) + ".")
    return values


def _cursor(name: str, query: QueryParams) -> SearchCursor | None:
    text = query.get(name, "")
    if not text:
        return None
    match = _CURSOR.fullmatch(text)
    if match is None:
        message = f"{name}={clip(text, 50)} is not a cursor."
        raise QueryError(message, f"Expected {name}=<microseconds>-<row>, as in the links between pages.")
    return SearchCursor(int(match[1]), int(match[2]))
