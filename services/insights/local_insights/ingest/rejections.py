"""The most recent reasons why telemetry was rejected. SDKs discard the response."""

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from local_insights.ingest.stats import IngestStats

MAX_ENTRIES = 100
_MAX_TEXT = 300
_VALUE = re.compile(r", got .*|\d[\d,]*", re.DOTALL)
"""What differs between two reasons of the same kind."""
_PATHS = (
    ("quickpulse", "/QuickPulseService.svc/ping and /post"),
    ("validate", "/v2/validate"),
    ("track", "/v2.1/track"),
    ("traces", "/v1/traces"),
    ("logs", "/v1/logs"),
    ("metrics", "/v1/metrics"),
)
"""Parts of wrong paths, in lower case, and the right path."""
_ALL_PATHS = "/v2.1/track, /v1/traces, /v1/logs or /v1/metrics"


@dataclass(slots=True)
class Rejection:
    """Rejected items or requests with the same kind of reason, path and SDK."""

    path: str
    reason: str
    """The reason of the last one."""
    sdk: str
    """The tag `ai.internal.sdkVersion`, or an empty text."""
    user_agent: str
    count: int
    last: datetime


class Rejections:
    """The last `MAX_ENTRIES` kinds of rejections."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, ...], Rejection] = OrderedDict()

    def add(self, request: Request, reasons: Iterable[str], sdk: str = "") -> None:
        """Count the reasons of one request."""
        path, user_agent = request.url.path[:_MAX_TEXT], request.headers.get("user-agent", "")[:_MAX_TEXT]
        for reason, count in Counter(reasons).most_common(MAX_ENTRIES):
            key = (path, user_agent, sdk, _VALUE.sub("", reason[:_MAX_TEXT]))
            entry = self._entries.pop(key, None) or Rejection(path, "", sdk, user_agent, 0, datetime.now(UTC))
            entry.reason, entry.last = reason[:_MAX_TEXT], datetime.now(UTC)
            entry.count += count
            self._entries[key] = entry
            if len(self._entries) > MAX_ENTRIES:
                self._entries.popitem(last=False)

    def newest_first(self) -> list[Rejection]:
        """Return the rejections; the last is the first."""
        return list(reversed(self._entries.values()))


def rejection_routes(rejections: Rejections) -> list[BaseRoute]:
    """Return the route `GET /rejections.json`."""

    async def rejections_json(_: Request) -> Response:
        entries = [
            {
                "last": entry.last.isoformat(timespec="seconds"),
                "count": entry.count,
                "path": entry.path,
                "reason": entry.reason,
                "sdk": entry.sdk or None,
                "user_agent": entry.user_agent or None,
            }
            for entry in rejections.newest_first()
        ]
        return JSONResponse({"rejections": entries})

    return [Route("/rejections.json", rejections_json)]


def reject_unknown_paths(app: Starlette, rejections: Rejections, stats: IngestStats) -> None:
    """Respond to a POST request to a path that does not exist with 404 and the right path, and count it."""
    not_found = app.router.default

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await not_found(scope, receive, send)
            return
        request = Request(scope)
        server = f"{request.url.scheme}://{request.url.netloc}"
        detail = (
            f"POST {request.url.path}: no such path. Telemetry is accepted at {right_path(request.url.path)}: set "
            f"IngestionEndpoint={server} or OTEL_EXPORTER_OTLP_ENDPOINT={server} without a path."
        )
        stats.requests_to_unknown_paths += 1
        rejections.add(request, [detail])
        raise HTTPException(404, detail)

    app.router.default = respond


def right_path(path: str) -> str:
    """Return the path that was probably meant, or all paths."""
    lower = path.lower()
    return next((right for part, right in _PATHS if part in lower), _ALL_PATHS)
