"""The request handlers of the page Search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from local_insights.http.query_params import QueryError
from local_insights.model.search.search import SearchCounts
from local_insights.portal.charts.time_chart import STEPS
from local_insights.portal.empty_state import EmptyState, Viewer, empty_state
from local_insights.portal.errors import ErrorReport, error_report
from local_insights.portal.formats import clip
from local_insights.portal.page_views import PageViews
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.portal.search.as_json import search_json
from local_insights.portal.search.page import ROWS, Results, SearchPage, facet_groups, results_of, type_choices
from local_insights.portal.search.query import SearchQuery, SearchTextError
from local_insights.store.contract import QueryFailedError, QueryTimeoutError

MOST_ITEMS = 1_000
"""The maximum number of items in one JSON response."""


@dataclass(frozen=True, slots=True)
class SearchUpdates:
    """The number of matching items that were stored after the page was rendered, and the link that shows them."""

    items: int
    link: str


class SearchViews(PageViews):
    """Handlers of `/search`."""

    def other_routes(self) -> Sequence[BaseRoute]:
        """Return the route that the page polls for new items."""
        return [self.data_route(f"{self.entry.path}/updates", self.updates)]

    def page(self, request: Request) -> Response:
        """Return the page. An error of the query is shown next to the search field, so that it can be corrected."""
        now = self.context.now()
        query = SearchQuery.read(request.query_params, now)
        counts, results, error_shown = None, None, None
        try:
            counts, results = self._find(query)
        except SearchTextError as error:
            error_shown = ErrorReport(HTTPStatus.BAD_REQUEST, "Invalid search", error.detail, error.expected)
        except (QueryFailedError, QueryTimeoutError) as error:
            parameters = QueryParams(query.first_page().link("")[1:])
            error_shown = error_report(error, self.entry.path, parameters, now)
        page = SearchPage(
            layout=self.entry.layout(query.time, query.preserved_params),
            query=query,
            types=type_choices(query, counts),
            facets=facet_groups(query, counts),
            results=results,
            error=error_shown,
            empty=self._empty(request, query, now) if counts and not counts.items else None,
        )
        status = error_shown.status if error_shown else HTTPStatus.OK
        return self.context.templates.response("search.html", page, status)

    def updates(self, request: Request) -> Response:
        """Return a part of the page: the number of items stored after row `row`; 204 when there are none."""
        query = SearchQuery.read(request.query_params, self.context.now())
        row = request.query_params.get("row", "")
        if not (row.removeprefix("-").isdecimal() and row.isascii() and len(row) < 19):  # noqa: PLR2004 - BIGINT
            message = f"row={clip(row, 50)} is not the number of a row."
            raise QueryError(message, "Expected the number in the link of the page.")
        items = self.context.store.count_new_items(query.search(), int(row))
        if not items:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        updates = SearchUpdates(items, query.first_page().link())
        return self.context.templates.response("search_updates.html", updates)

    def json(self, request: Request) -> Response:
        """Return one page of items and the counts of all of them as JSON."""
        query = SearchQuery.read(request.query_params, self.context.now())
        limit = _limit(request.query_params.get("limit") or str(ROWS))
        search = query.search()
        counts = self.context.store.search_counts(search, STEPS)
        hits = self.context.store.search_items(search, limit + 1, before=query.before, after=query.after)
        is_more = len(hits) > limit
        if query.after:
            hits = hits[-limit:]
            next_query = query.at(after=hits[0].cursor) if is_more else None
        else:
            hits = hits[:limit]
            next_query = query.at(before=hits[-1].cursor) if is_more else None
        next_link = next_query.link(f"{self.entry.path}.json", limit=str(limit)) if next_query else ""
        return TelemetryJSONResponse(search_json(query, counts, hits, next_link))

    def _find(self, query: SearchQuery) -> tuple[SearchCounts, Results]:
        search = query.search()
        store = self.context.store
        latest_row = store.latest_row()
        counts = store.search_counts(search, STEPS)
        hits = store.search_items(search, ROWS + 1, before=query.before, after=query.after) if counts.items else []
        return counts, results_of(query, search, counts, hits, latest_row)

    def _empty(self, request: Request, query: SearchQuery, now: datetime) -> EmptyState | None:
        """Return the explanation for a store without any items; None when it has items that do not match."""
        stats = self.context.store.stats()
        if stats.items:
            return None
        viewer = Viewer.from_request(request, self.entry.path, now)
        return empty_state(query.time, stats, viewer, first="Items can be found here as soon as they are stored.")


def _limit(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST_ITEMS:  # noqa: PLR2004
        return int(text)
    message = f"limit={clip(text, 50)} is not a number of items."
    raise QueryError(message, f"Expected limit=1 to limit={MOST_ITEMS}.")
