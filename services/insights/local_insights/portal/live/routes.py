"""The addresses of Live Metrics: the page, its twin, its stream, and the forms that change what servers collect."""

import asyncio
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from local_insights.http.problems import problem
from local_insights.http.query_params import QueryError
from local_insights.model.live.configuration import LiveConfiguration
from local_insights.model.live.live_state import LiveState
from local_insights.model.live.snapshot import Snapshot, snapshot
from local_insights.portal.errors import ErrorPage, ErrorReport
from local_insights.portal.live.as_json import live_json
from local_insights.portal.live.filters import with_feed, with_metric, without_metric
from local_insights.portal.live.page import live_page
from local_insights.portal.live.stream import LiveStreams, TooManyStreamsError
from local_insights.portal.live.view import LiveView, live_view
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.render import Pages
from local_insights.portal.responses import TelemetryJSONResponse

FORM_LIMIT_BYTES = 16 * 1024
RETRY_AFTER_S = 5
_NUMBER_DIGITS = 15

Change = Callable[[LiveConfiguration, Mapping[str, str]], LiveConfiguration]


def live_routes(board: LiveState, stopping: asyncio.Event, clock: Callable[[], float] = time.time) -> list[BaseRoute]:
    """Routes for `/live`, `/live.json`, `/live/stream` and the page's forms.

    Args:
        board: what the pages show, and whom the forms tell.
        stopping: set when the server is told to stop.
        clock: seconds since 1970.
    """
    pages = Pages()
    streams = LiveStreams(stopping, clock)

    def look(server_id: str) -> Snapshot:
        return snapshot(board.copy(clock()), server_id)

    def page(request: Request) -> Response:
        server_id = _server_id(request)
        address = f"{request.url.scheme}://{request.url.netloc}"
        return pages.response("live.html", live_page(look(server_id), server_id, address))

    def twin(request: Request) -> Response:
        return TelemetryJSONResponse(live_json(look(_server_id(request))))

    async def stream(request: Request) -> Response:
        server_id = _server_id(request)
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after", ""))

        def view(seen: int) -> LiveView:
            return live_view(look(server_id), seen)

        try:
            events = streams.open(view, after)
        except TooManyStreamsError as error:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": str(RETRY_AFTER_S)})
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    def form(path: str, change: Change) -> Route:
        async def endpoint(request: Request) -> Response:
            _refuse_other_sites(request)
            try:
                board.configure(change(board.configuration, await _form(request)))
            except QueryError as error:
                refused = ErrorReport(HTTPStatus.BAD_REQUEST, "This cannot be collected", error.problem, error.expected)
                shown = ErrorPage(PageLayout(refused.title, "live", "/live"), refused)
                return await run_in_threadpool(pages.response, "error.html", shown, refused.status)
            return RedirectResponse(f"/live?server={quote(_server_id(request), safe='')}", HTTPStatus.SEE_OTHER)

        return Route(path, endpoint, methods=["POST"])

    return [
        Route("/live", page),
        Route("/live.json", twin),
        Route("/live/stream", stream),
        form("/live/feed", with_feed),
        form("/live/metrics", with_metric),
        form("/live/metrics/remove", without_metric),
    ]


def _server_id(request: Request) -> str:
    return request.query_params.get("server", "")[:100]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS else 0


def _refuse_other_sites(request: Request) -> None:
    """Browsers say where a form was sent from; a page of another site may not change what is collected here."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Forms of other sites are not taken: use the page /live.")


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_LIMIT_BYTES:
            message = f"The form is larger than {FORM_LIMIT_BYTES} bytes."
            raise QueryError(message, "Expected the form of the page /live.")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
