"""The endpoints of the Live Metrics protocol."""

import time
from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.decompress import BodyTooLargeError, UnreadableBodyError, decompress
from local_insights.ingest.item_splitter import strip_body
from local_insights.ingest.live.reports import data_points
from local_insights.ingest.live.responses import configuration_json
from local_insights.model.live.live_state import LiveState

SERVICE = "/QuickPulseService.svc"
MAX_BODY_BYTES = 1024 * 1024
"""SDKs send a few KB. Larger bodies are dropped."""
ETAG = "x-ms-qps-configuration-etag"


def quickpulse_routes(live_state: LiveState, clock: Callable[[], float] = time.time) -> list[BaseRoute]:
    """Return the routes `POST /QuickPulseService.svc/ping` and `/post`.

    Every response has status 200, `x-ms-qps-subscribed: true` and the configuration. After any other response, an SDK
    polls once a minute, and a page that is opened would be empty for that long.

    Only responses to `post` have the etag: Python's SDK treats the configuration of an etag in a response to `ping` as
    applied, and would never apply it.
    """

    async def ping(request: Request) -> Response:
        await _body(request)
        return _response(live_state)

    async def post(request: Request) -> Response:
        points = data_points(await _body(request), request.headers)
        live_state.report(points, clock())
        return _response(live_state, with_etag=True)

    return [
        Route(f"{SERVICE}/ping", ping, methods=["POST"]),
        Route(f"{SERVICE}/post", post, methods=["POST"]),
    ]


async def _body(request: Request) -> bytes:
    """Return the decompressed body; empty when it is too large or unreadable."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                return b""
        return strip_body(decompress(body, MAX_BODY_BYTES))
    except (BodyTooLargeError, UnreadableBodyError, ClientDisconnect):
        return b""


def _response(live_state: LiveState, *, with_etag: bool = False) -> Response:
    configuration = live_state.configuration
    headers = {"x-ms-qps-subscribed": "true"} | ({ETAG: configuration.etag} if with_etag else {})
    return Response(configuration_json(configuration), headers=headers, media_type="application/json")
