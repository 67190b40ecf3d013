"""Requests of foreign web pages: a check of the host name against DNS rebinding, and of the origin against forms."""

from collections.abc import Collection, Sequence
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.problems import ServiceProblem, respond_with_problem

_SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS", "TRACE"}
_OWN_PAGES: Final = {"same-origin", "none"}  # values of Sec-Fetch-Site; "none": the address bar or a bookmark
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class SameSiteMiddleware:
    """Reject requests that a page of another site makes a browser send.

    - **Host name**: a page can let its own name resolve to 127.0.0.1 (DNS rebinding), and then read and write as if it
      were a page of this service. The header `Host` still has that name, and is rejected with 421. Loopback names and
      addresses, the address of the connection and `host_names` are accepted.
    - **Origin**: a page can submit a form to any address. A request that changes something is rejected with 403 when
      `Sec-Fetch-Site`, or without it `Origin`, names another site.

    Programs that are no browsers send neither `Sec-Fetch-Site` nor `Origin`, and are not affected.

    Args:
        app: The application.
        host_names: Further names and addresses under which clients reach the service, without a port.
    """

    def __init__(self, app: ASGIApp, host_names: Collection[str] = ()) -> None:
        self._app = app
        self._host_names = frozenset(_normalized(name) for name in host_names if name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        problem = self._problem(scope) if scope["type"] in {"http", "websocket"} else None
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await respond_with_problem(Request(scope), problem)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _problem(self, scope: Scope) -> ServiceProblem | None:
        headers = Headers(scope=scope)
        for host in headers.getlist("host"):
            name = host_name(host)
            if not (is_loopback(name) or name in self._host_names or name == _connected_to(scope)):
                detail = (
                    f"The service does not have the host name {name!r}. Use 127.0.0.1 or localhost, or add the name to "
                    "the setting HOST_NAMES of the service."
                )
                return ServiceProblem(HTTPStatus.MISDIRECTED_REQUEST, detail)
        may_change = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if may_change and _is_cross_site(scope, headers):
            detail = "Requests of the pages of other sites are rejected. Use the pages of this service."
            return ServiceProblem(HTTPStatus.FORBIDDEN, detail)
        return None


def host_name(host: str) -> str:
    """Return the name of a `Host` header in lower case, without port, brackets and the dot of the root domain.

    An invalid header returns a text that is no name, such as the empty text.
    """
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdecimal() or (":" in name and not name.endswith("]")):
        name = host
    return _normalized(name)


def is_loopback(name: str) -> bool:
    """Return True for `localhost`, the names below it (RFC 6761), and loopback addresses."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def split_names(setting: str) -> Sequence[str]:
    """Return the names of a comma-separated setting."""
    return [name for part in setting.split(",") if (name := part.strip())]


def _normalized(name: str) -> str:
    return name.strip().lower().removesuffix(".").removeprefix("[").removesuffix("]")


def _connected_to(scope: Scope) -> str | None:
    """Return the address at which the server accepted the connection."""
    server = scope.get("server")
    return None if server is None else _normalized(str(server[0]))


def _is_cross_site(scope: Scope, headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OWN_PAGES
    origin = headers.get("origin")
    if origin is None:
        return False
    url = HTTPConnection(scope).url
    return _host_and_port(origin) != (url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme))


def _host_and_port(origin: str) -> tuple[str | None, int | None]:
    """Return host and port of an origin; None for `null` and for malformed origins."""
    try:
        parts = urlsplit(origin)
        return parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None, None
