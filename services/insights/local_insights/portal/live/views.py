"""The request handlers of Live Metrics: the page, its JSON endpoint, its event stream, and its forms."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from local_insights.http.query_params import QueryError, require_bounded
from local_insights.model.live.configuration import LiveConfiguration
from local_insights.model.live.snapshot import Snapshot, snapshot
from local_insights.portal.empty_state import server_address
from local_insights.portal.errors import ErrorPage, ErrorReport
from local_insights.portal.live.as_json import live_json
from local_insights.portal.live.formatted_snapshot import FormattedSnapshot, format_snapshot
from local_insights.portal.live.forms import with_feed, with_metric, without_metric
from local_insights.portal.live.page import live_page
from local_insights.portal.live.query import LiveQuery, document_number
from local_insights.portal.live.stream import LiveStreams
from local_insights.portal.page_views import PageEntry, PageViews, PortalContext
from local_insights.portal.responses import TelemetryJSONResponse

FORM_LIMIT_BYTES = 16 * 1024

Change = Callable[[LiveConfiguration, Mapping[str, str]], LiveConfiguration]


class LiveViews(PageViews):
    """Handlers of `/live`. The forms change the configuration, which every server and every open page receives."""

    def __init__(self, entry: PageEntry, context: PortalContext) -> None:
        super().__init__(entry, context)
        self._streams = LiveStreams(context.stopping, self._now_s)

    def other_routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the stream and of the forms."""
        path = self.entry.path
        return [
            Route(f"{path}/stream", self.stream),
            self._form_route(f"{path}/feed", with_feed),
            self._form_route(f"{path}/metrics", with_metric),
            self._form_route(f"{path}/metrics/remove", without_metric),
        ]

    def page(self, request: Request) -> Response:
        """Return the page."""
        query = LiveQuery.read(request.query_params)
        page = live_page(self._snapshot(query), query, self.entry.layout(), server_address(request))
        return self.context.templates.response("live.html", page)

    def json(self, request: Request) -> Response:
        """Return the last minute as JSON."""
        return TelemetryJSONResponse(live_json(self._snapshot(LiveQuery.read(request.query_params))))

    async def stream(self, request: Request) -> Response:
        """Return server-sent events, one per second. When too many streams are open, another one ends."""
        require_bounded(request.query_params)
        query = LiveQuery.read(request.query_params)
        last_event_id = request.headers.get("last-event-id")
        after = document_number(last_event_id or request.query_params.get("after", ""))

        def current(after: int) -> FormattedSnapshot:
            return format_snapshot(self._snapshot(query), after)

        events = self._streams.open(current, after)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    def _form_route(self, path: str, change: Change) -> Route:
        live, templates = self.context.live, self.context.templates

        async def endpoint(request: Request) -> Response:
            _reject_other_sites(request)
            require_bounded(request.query_params)
            try:
                live.configure(change(live.configuration, await _form(request)))
            except QueryError as error:
                report = ErrorReport(HTTPStatus.BAD_REQUEST, "Invalid filter", error.problem, error.expected)
                page = ErrorPage(self.entry.layout(title=report.title), report)
                return await run_in_threadpool(templates.response, "error.html", page, report.status)
            query = LiveQuery.read(request.query_params)
            return RedirectResponse(f"{self.entry.path}?{query.query_string}", HTTPStatus.SEE_OTHER)

        return Route(path, endpoint, methods=["POST"])

    def _snapshot(self, query: LiveQuery) -> Snapshot:
        return snapshot(self.context.live.copy(self._now_s()), query.server_id)

    def _now_s(self) -> float:
        return self.context.now().timestamp()


def _reject_other_sites(request: Request) -> None:
    """Reject a form of another site, which must not change what is collected here.

    Browsers send `Sec-Fetch-Site` to servers on loopback and over TLS only. Others receive `Origin`, which must then
    have the host and port of the request.
    """
    site = request.headers.get("sec-fetch-site")
    if site is None:
        origin = request.headers.get("origin")
        is_other = origin is not None and origin.partition("://")[2].lower() != request.url.netloc.lower()
    else:
        is_other = site not in {"same-origin", "none"}
    if is_other:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Forms of other sites are rejected: use the page /live.")


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT_BYTES:
            message = f"The form is larger than {FORM_LIMIT_BYTES} bytes."
            raise QueryError(message, "Expected the form of the page /live.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
