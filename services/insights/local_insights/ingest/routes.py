"""The endpoints of the Application Insights protocol."""

from http import HTTPStatus

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from local_insights.http.problems import problem
from local_insights.ingest.batch import BAD_REQUEST
from local_insights.ingest.collector import Collector
from local_insights.ingest.decompress import ACCEPTED_ENCODINGS, UnsupportedEncodingError
from local_insights.ingest.rejections import rejection_routes
from local_insights.model.app_id import app_id

TRACK_PATHS = ("/v2/track", "/v2.1/track")


def ingest_routes(collector: Collector) -> list[BaseRoute]:
    """Return the routes of the protocol, and `GET /rejections.json`.

    The response is sent after the commit, because SDKs delete acknowledged telemetry. Telemetry that would fail again
    is rejected: status 400, or an entry in `errors` with status 206. When a retry can succeed,
    `StoreUnavailableError` becomes 503 and SDKs store the telemetry and retry. There is no limit of the body's size.
    """

    async def track(request: Request) -> Response:
        return await _receive(collector, request, dry_run=False)

    async def validate(request: Request) -> Response:
        return await _receive(collector, request, dry_run=True)

    return [
        *(Route(path, track, methods=["POST"]) for path in TRACK_PATHS),
        Route("/v2/validate", validate, methods=["POST"]),
        Route("/api/profiles/{key}/appId", _application_id),
        *rejection_routes(collector.rejections),
    ]


async def _receive(collector: Collector, request: Request, *, dry_run: bool) -> Response:
    try:
        with collector.reception(request.headers.get("content-encoding", ""), dry_run=dry_run) as reception:
            response = await reception.receive(request.stream())
    except ClientDisconnect:
        return Response(status_code=BAD_REQUEST)
    except UnsupportedEncodingError as error:
        collector.rejections.add(request, [str(error)])
        headers = {"Accept-Encoding": ACCEPTED_ENCODINGS}
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), headers)
    if response.errors and not dry_run:
        collector.rejections.add(request, [error.message for error in response.errors], reception.sdk_version)
    content = msgspec.json.encode(response)
    return Response(content, response.status_code, media_type="application/json; charset=utf-8")


async def _application_id(request: Request) -> Response:
    """Return, as plain text, the id that older SDKs put into `Request-Context: appId=cid-v1:<id>`."""
    return PlainTextResponse(app_id(request.path_params["key"]))
