"""ASGI middleware for every request and response."""

import re
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_insights.http.allowed_hosts import AllowedHosts
from local_insights.http.problems import problem

_SLASHES = re.compile("/{2,}")

TELEMETRY_PATHS = ("/v2/", "/v2.1/", "/v1/", "/api/profiles/")
"""Prefixes of the ingestion endpoints, to which applications and web pages send."""
INGESTION_PATHS = (*TELEMETRY_PATHS, "/QuickPulseService.svc/")
"""Prefixes of the endpoints that accept telemetry and return none of it."""

MAX_SHOWN_HOST = 255
"""Maximum characters of a host name in an error; a DNS name has no more."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Pages load resources of this server only, cannot be framed, and do not leak their URL as referrer."""


class CollapseSlashes:
    """Treat `//v2.1/track` as `/v2.1/track`: SDKs append the path to an endpoint that may end with a slash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if "//" in scope.get("path", ""):
            scope = {**scope, "path": _SLASHES.sub("/", scope["path"])}
        await self._app(scope, receive, send)


class CheckHost:
    """Reject requests for another host with 421, except on ingestion endpoints (see `allowed_hosts`).

    A request without `Host` is accepted, because no browser sends one.
    """

    def __init__(self, app: ASGIApp, allowed: AllowedHosts) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] == "http" and not scope["path"].startswith(INGESTION_PATHS):
            for host in Headers(scope=scope).getlist("host"):
                if not self._allowed.allow(host):
                    await _misdirected(host)(scope, receive, send)
                    return
        await self._app(scope, receive, send)


def _misdirected(host: str) -> ASGIApp:
    detail = (
        f"This server does not have the host name {host[:MAX_SHOWN_HOST]!r}. Use 127.0.0.1 or localhost, or add the "
        "name to the setting INSIGHTS_HOST_NAMES."
    )
    return problem(HTTPStatus.MISDIRECTED_REQUEST, detail)


class CrossOrigin:
    """Allow web pages of any origin to send telemetry (CORS), but not to read the portal.

    Public pages may send to private addresses. The allowed origin can be `*`, because `navigator.sendBeacon` and the
    JavaScript SDK send no credentials.

    Reference:
        "Private Network Access", WICG: `Access-Control-Request-Private-Network`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "OPTIONS"],
            allow_headers=["*"],
            allow_private_network=True,
            max_age=86_400,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        is_open = scope["type"] == "http" and scope["path"].startswith(TELEMETRY_PATHS)
        await (self._open if is_open else self._app)(scope, receive, send)


class SecurityHeaders:
    """Add `SECURITY_HEADERS` to every response, except headers that the route has set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
