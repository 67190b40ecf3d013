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
"""SDKs send a few KB. What is larger is not read."""
ETAG = "x-ms-qps-configuration-etag"


def quickpulse_routes(board: LiveState, clock: Callable[[], float] = time.time) -> list[BaseRoute]:
    """Routes for `POST /QuickPulseService.svc/ping` and `/post`.

    Every answer is 200, says that somebody is looking and carries the configuration: SDKs take anything else for a
    reason to ask only once a minute, and the page would stay empty that long when it is opened.

    The etag goes with answers to `post` alone: Python takes an etag that comes with a `ping` for a configuration it
    has, and would never apply it.
    """

    async def ping(request: Request) -> Response:
        await _body(request)
        return _answer(board)

    async def post(request: Request) -> Response:
        points = data_points(await _body(request), request.headers)
        board.report(points, clock())
        return _answer(board, with_etag=True)

    return [
        Route(f"{SERVICE}/ping", ping, methods=["POST"]),
        Route(f"{SERVICE}/post", post, methods=["POST"]),
    ]


async def _body(request: Request) -> bytes:
    """The body as it was before compression; empty when it cannot be read."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                return b""
        return strip_body(decompress(body, MAX_BODY_BYTES))
    except (BodyTooLargeError, UnreadableBodyError, ClientDisconnect):
        return b""


def _answer(board: LiveState, *, with_etag: bool = False) -> Response:
    configuration = board.configuration
    headers = {"x-ms-qps-subscribed": "true"} | ({ETAG: configuration.etag} if with_etag else {})
    return Response(configuration_json(configuration), headers=headers, media_type="application/json")
