"""A page of the portal: its entry in the table of pages, and the base class of its request handlers."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local_insights.http.query_params import TimeQuery, require_bounded, time_query
from local_insights.model.live.live_state import LiveState
from local_insights.model.time_limit import time_limit
from local_insights.portal.errors import REQUEST_ERRORS, ErrorPage, error_report
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.render import Templates
from local_insights.store.contract import Store

TIME_LIMIT_S = 10.0
Handler = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class PortalContext:
    """The objects that every page works with.

    Attributes:
        store: the stored telemetry.
        live: the last minute, and the configuration of Live Metrics.
        stopping: set when the server stops, so that open streams end.
        templates: renders page contexts.
        now: returns the current time, which is the end of relative time ranges.
        time_limit_s: the CPU time that one request may use in Python.
    """

    store: Store
    live: LiveState
    stopping: asyncio.Event
    templates: Templates
    now: Callable[[], datetime]
    time_limit_s: float = TIME_LIMIT_S


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page of the portal, as `pages.PAGES` lists it.

    Attributes:
        section: the navigation entry that is marked as current on this page.
        path: the route of the page; its JSON endpoint has the same path with `.json`.
        title: the heading of the page, and the label of its navigation entry.
        views: the request handlers.
        icon: the id of a symbol in `static/icons.svg`. A page without an icon is not in the navigation.
        has_time_range: False when the time range does not apply. The page then has no field to select one, and links
            to the page carry none.
    """

    section: str
    path: str
    title: str
    views: "type[PageViews]"
    icon: str = ""
    has_time_range: bool = True

    def layout(
        self,
        time: TimeQuery | None = None,
        preserved_params: Mapping[str, str | Sequence[str]] | None = None,
        *,
        title: str = "",
        path: str = "",
    ) -> PageLayout:
        """Return the layout of one response.

        Args:
            time: the time range of the page; None where it does not apply.
            preserved_params: see `PageLayout`.
            title: replaces the title of the entry, for example on an error page.
            path: replaces the path of the entry, for example where that has parameters.
        """
        return PageLayout(title or self.title, self.section, path or self.path, time, preserved_params)


class PageViews(ABC):
    """The request handlers of one page.

    Handlers that are not coroutines may block: Starlette runs them in its thread pool.
    """

    def __init__(self, entry: PageEntry, context: PortalContext) -> None:
        self.entry = entry
        self.context = context

    @abstractmethod
    def page(self, request: Request) -> Response:
        """Return the page as HTML."""

    @abstractmethod
    def json(self, request: Request) -> Response:
        """Return the data of the page as JSON, with numbers that are not rounded."""

    def other_routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the page's further endpoints."""
        return ()

    def routes(self) -> list[BaseRoute]:
        """Return all routes of the page.

        The route of the page is the last, because a path parameter at its end also matches the other paths.
        """
        return [
            self.data_route(f"{self.entry.path}.json", self.json),
            *self.other_routes(),
            self.page_route(self.entry.path, self.page),
        ]

    def page_route(self, path: str, handler: Handler) -> Route:
        """Return a route for browsers: an error of the request becomes an error page."""

        def endpoint(request: Request) -> Response:
            try:
                require_bounded(request.query_params)
                with time_limit(self.context.time_limit_s):
                    return handler(request)
            except REQUEST_ERRORS as error:
                now = self.context.now()
                report = error_report(error, request.url.path, request.query_params, now)
                time = time_query({}, now) if self.entry.has_time_range else None
                layout = self.entry.layout(time, title=report.title, path=request.url.path)
                return self.context.templates.response("error.html", ErrorPage(layout, report), report.status)

        return Route(path, endpoint)

    def data_route(self, path: str, handler: Handler) -> Route:
        """Return a route for programs: an error of the request becomes a problem document (RFC 9457)."""

        def endpoint(request: Request) -> Response:
            try:
                require_bounded(request.query_params)
                with time_limit(self.context.time_limit_s):
                    return handler(request)
            except REQUEST_ERRORS as error:
                return error_report(error, request.url.path, request.query_params, self.context.now()).problem()

        return Route(path, endpoint)
