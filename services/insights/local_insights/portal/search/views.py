"""Search over HTTP: the page, whether there is news for it, and its JSON twin."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from local_insights.http.query_params import QueryError
from local_insights.model.search.parser import SearchSyntaxError
from local_insights.model.search.search import SearchCounts
from local_insights.portal.charts.time_chart import STEPS
from local_insights.portal.empty_state import Viewer, empty_state
from local_insights.portal.errors import ErrorReport, refusal
from local_insights.portal.formats import clip
from local_insights.portal.render import Pages
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.portal.search.as_json import search_json
from local_insights.portal.search.page import (
    ROWS,
    Findings,
    SearchPage,
    facet_groups,
    findings,
    search_layout,
    type_choices,
)
from local_insights.portal.search.query import PATH, SearchQuery
from local_insights.store.contract import QueryTimeoutError, Store

MOST_ITEMS = 1_000
"""Items on one page of the twin."""


@dataclass(frozen=True, slots=True)
class News:
    """How many items have arrived that the page does not show, and where they are."""

    items: int
    link: str


class SearchViews:
    """Answers to the addresses of search. Every method blocks: Starlette runs it in its thread pool."""

    def __init__(self, store: Store, pages: Pages, now: Callable[[], datetime]) -> None:
        self._store = store
        self._pages = pages
        self._now = now

    def page(self, request: Request) -> Response:
        """The page `/search`. What cannot be answered is told beside the question, so that it can be mended."""
        now = self._now()
        query = SearchQuery.read(request.query_params, now)
        counts, found, refused = None, None, None
        try:
            counts, found = self._find(query)
        except SearchSyntaxError as error:
            refused = _syntax_refusal(error)
        except QueryTimeoutError as error:
            refused = refusal(error, PATH, QueryParams(query.turned().link("")[1:]), now)
        held = self._store.stats() if counts and not counts.items else None
        page = SearchPage(
            layout=search_layout(query),
            query=query,
            types=type_choices(query, counts),
            facets=facet_groups(query, counts),
            findings=found,
            refused=refused,
            empty=empty_state(
                query.time, held, Viewer.from_request(request, PATH, now), first="Items are found here once stored."
            )
            if held and not held.items
            else None,
        )
        return self._pages.response("search.html", page, refused.status if refused else HTTPStatus.OK)

    def news(self, request: Request) -> Response:
        """A part of the page: how many items were stored after row `row`; nothing (204) when there are none."""
        query = SearchQuery.read(request.query_params, self._now())
        row = request.query_params.get("row", "")
        if not (row.removeprefix("-").isdecimal() and row.isascii() and len(row) < 19):  # noqa: PLR2004 - BIGINT
            message = f"row={clip(row, 50)} is not the number of a row."
            raise QueryError(message, "Expected the number that the page's own link has.")
        try:
            items = self._store.count_new_items(query.search(), int(row))
        except SearchSyntaxError as error:
            raise _query_error(error) from error
        if not items:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return self._pages.response("search_updates.html", News(items, query.turned().link()))

    def json(self, request: Request) -> Response:
        """Findings for programs: a page of them, and how much there is."""
        query = SearchQuery.read(request.query_params, self._now())
        limit = _limit(request.query_params.get("limit") or str(ROWS))
        try:
            search = query.search()
        except SearchSyntaxError as error:
            raise _query_error(error) from error
        counts = self._store.search_counts(search, STEPS)
        found = self._store.search_items(search, limit + 1, before=query.before, after=query.after)
        is_more = len(found) > limit
        if query.after:
            found = found[-limit:]
            next_query = query.turned(after=found[0].cursor) if is_more else None
        else:
            found = found[:limit]
            next_query = query.turned(before=found[-1].cursor) if is_more else None
        next_link = next_query.link(f"{PATH}.json", limit=str(limit)) if next_query else ""
        return TelemetryJSONResponse(search_json(query, counts, found, next_link))

    def _find(self, query: SearchQuery) -> tuple[SearchCounts, Findings]:
        search = query.search()
        latest_row = self._store.latest_row()
        counts = self._store.search_counts(search, STEPS)
        found = (
            self._store.search_items(search, ROWS + 1, before=query.before, after=query.after) if counts.items else []
        )
        return counts, findings(query, search, counts, found, latest_row)


def _syntax_refusal(error: SearchSyntaxError) -> ErrorReport:
    return ErrorReport(
        HTTPStatus.BAD_REQUEST,
        "The search cannot be read",
        f"Character {error.position}: {error.problem}",
        error.remedy,
    )


def _query_error(error: SearchSyntaxError) -> QueryError:
    return QueryError(f"q cannot be read at character {error.position}: {error.problem}", error.remedy)


def _limit(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST_ITEMS:  # noqa: PLR2004
        return int(text)
    message = f"limit={clip(text, 50)} is not a number of items."
    raise QueryError(message, f"Expected limit=1 to limit={MOST_ITEMS}.")
