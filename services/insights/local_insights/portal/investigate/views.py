"""Overview, Performance and Failures over HTTP: pages and their JSON twins."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from local_insights.http.query_params import TimeQuery, time_query
from local_insights.portal.empty_state import EmptyState, Viewer, empty_state
from local_insights.portal.investigate.as_json import failures_json, overview_json, performance_json
from local_insights.portal.investigate.failures import failures, failures_page
from local_insights.portal.investigate.overview import overview, overview_page
from local_insights.portal.investigate.performance import performance, performance_page
from local_insights.portal.investigate.query import InvestigationQuery
from local_insights.portal.render import Pages
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.store.contract import Store


class InvestigationViews:
    """Answers to the addresses of these pages. Every method blocks: Starlette runs it in its thread pool."""

    def __init__(self, store: Store, pages: Pages, now: Callable[[], datetime]) -> None:
        self._store = store
        self._pages = pages
        self._now = now

    def overview(self, request: Request) -> Response:
        """The page `/overview`."""
        time = time_query(request.query_params, self._now())
        found = overview(self._store, time)
        empty = None if found.requests or found.tests else self._empty(request, time)
        return self._pages.response("overview.html", overview_page(found, time, empty))

    def overview_json(self, request: Request) -> Response:
        """The overview for programs."""
        time = time_query(request.query_params, self._now())
        return TelemetryJSONResponse(overview_json(overview(self._store, time), time))

    def performance(self, request: Request) -> Response:
        """The page `/performance`."""
        query = self._query("/performance", request)
        found, roles = performance(self._store, query), self._store.roles(query.time.time_range)
        empty = None if roles else self._empty(request, query.time)
        return self._pages.response("performance.html", performance_page(found, roles, query, empty))

    def performance_json(self, request: Request) -> Response:
        """Performance for programs."""
        query = self._query("/performance", request)
        return TelemetryJSONResponse(performance_json(performance(self._store, query), query))

    def failures(self, request: Request) -> Response:
        """The page `/failures`."""
        query = self._query("/failures", request)
        found, roles = failures(self._store, query), self._store.roles(query.time.time_range)
        empty = None if roles else self._empty(request, query.time)
        return self._pages.response("failures.html", failures_page(found, roles, query, empty))

    def failures_json(self, request: Request) -> Response:
        """Failures for programs."""
        query = self._query("/failures", request)
        return TelemetryJSONResponse(failures_json(failures(self._store, query), query))

    def _query(self, path: str, request: Request) -> InvestigationQuery:
        return InvestigationQuery.read(path, request.query_params, self._now())

    def _empty(self, request: Request, time: TimeQuery) -> EmptyState:
        viewer = Viewer.from_request(request, request.url.path, self._now())
        first = "Figures show as soon as a first request arrives."
        return empty_state(time, self._store.stats(), viewer, first=first)
