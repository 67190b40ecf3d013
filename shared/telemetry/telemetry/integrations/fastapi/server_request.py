"""The server span of one request or one WebSocket session, filled from its ASGI messages."""

from collections.abc import Iterable

from opencensus.trace.span import SpanKind
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from telemetry._internal.core import Telemetry
from telemetry._internal.errors import exception_details, single_member
from telemetry._internal.internal_errors import log_internal_error
from telemetry._internal.tracing.tracing import Span, Tracer, record_error
from telemetry.integrations.fastapi.route_template import UNMATCHED, Entry, route_template

_CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that disconnected before the response
_SERVER_ERROR = 500
_SWITCHING_PROTOCOLS = 101  # the status of an accepted WebSocket handshake
_FORBIDDEN = 403  # the status that servers send for a rejected handshake
_NO_CLOSE_CODE = 1005
_FAILED_CLOSE_CODES = set(range(1002, 1016)) - {_NO_CLOSE_CODE}
"""Close codes of the protocol for a failed session: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1."""


class ServerRequest:
    """The server span of one request, filled from the ASGI messages of the response."""

    def __init__(
        self, telemetry: Telemetry, scope: Scope, receive: Receive, send: Send, routes: Iterable[BaseRoute]
    ) -> None:
        self._telemetry = telemetry
        self._scope = scope
        self._method = scope.get("method", "GET")  # the handshake of a WebSocket session is a GET request
        self.receive = receive
        self._send = send
        self._entry = Entry(routes, scope.get("root_path", ""))
        self._status = 0
        self._error: BaseException | None = None
        self._ended = False
        self._span: Span | None = None
        try:
            self._start(telemetry)
        except Exception:  # noqa: BLE001, no error of the library may reach the application
            log_internal_error("starting a request")

    def _start(self, telemetry: Telemetry) -> None:
        self._tracer: Tracer = telemetry.tracer(telemetry.caller_context(_context_headers(self._scope)))
        span = self._tracer.start_span(self._method)
        if isinstance(span, Span):
            span.span_kind = SpanKind.SERVER
            self._tracer.span_context.name_operation = self.name
            self._span = span

    def name(self) -> str:
        """Return the name of the request: method and route, as far as a route has been found."""
        return f"{self._method} {route_template(self._scope, self._entry)}"

    async def send(self, message: Message) -> None:
        """Send a message of the response. The last one ends the span, even if the app continues to run.

        The span of a server error ends with the call instead, because the exception is raised after the response.
        """
        await self._send(message)
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body" and not message.get("more_body", False) and self._span:
            self._span.finish()
            if self._status < _SERVER_ERROR:
                self.end()

    def set_error(self, error: BaseException) -> None:
        """Record the exception that ended the request, or that a background task raised after the response.

        Older versions of Starlette raise the exception of a streamed response in an exception group.
        """
        error = single_member(error)
        if self._ended:
            self._telemetry.record_exception(error)
            return
        self._error = error
        self._status = self._status or _SERVER_ERROR

    def end(self) -> None:
        """End the span, once."""
        if self._span is None or self._ended:
            return
        self._ended = True
        try:
            self._describe(self._span)
            self._span.finish()
            # It remains the current span: work of the app after the response is a child of the request as well.
            self._span.context_tracer.report(self._span)
        except Exception:  # noqa: BLE001, no error of the library may reach the application
            log_internal_error("ending a request")

    def _describe(self, span: Span) -> None:
        scope = self._scope
        method, route = self._method, route_template(scope, self._entry, self._status)
        span.name = self._tracer.span_context.operation_name = f"{method} {route}"
        self._tracer.span_context.name_operation = None
        if self._error is not None:
            record_error(span, self._error)
            tracer = span.context_tracer
            if self._telemetry.report_once(self._error, tracer.trace_id):
                frames = exception_details(self._error, tracer.config.error_text) if tracer.sampled else []
                span.add_attribute("stacktrace", frames)
        # No route matched: the path is user data, such as a secret pasted into the address bar.
        path = "/" if route == UNMATCHED else scope["path"]
        # Set last and without the limit for attributes: a request needs these.
        span.attributes.update(
            {
                "http.method": method,
                "http.route": route,
                "http.path": path,
                "http.url": _url(scope, path),
                "http.status_code": self._status or _CLIENT_CLOSED_REQUEST,
            }
        )


class WebSocketSession(ServerRequest):
    """The server span of one WebSocket session.

    The status is that of the handshake: 101, or the status of its rejection. A session fails when its endpoint raises,
    or closes it with a code of the protocol for a failure. A client that disconnects is no failure.
    """

    def __init__(
        self, telemetry: Telemetry, scope: Scope, receive: Receive, send: Send, routes: Iterable[BaseRoute]
    ) -> None:
        super().__init__(telemetry, scope, receive, send, routes)
        self._receive = receive
        self.receive = self._receive_message
        self._close_code = 0
        self._failed_by_close = False

    async def _receive_message(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._close_code = self._close_code or message.get("code") or _NO_CLOSE_CODE
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the session; the status and the close code are recorded."""
        await self._send(message)
        if message["type"] == "websocket.accept":
            self._status = _SWITCHING_PROTOCOLS
        elif message["type"] == "websocket.http.response.start":
            self._status = message["status"]
        elif message["type"] == "websocket.close":
            if not self._status:
                self._status = _FORBIDDEN
            elif not self._close_code:
                self._close_code = message.get("code") or 1000
                self._failed_by_close = self._close_code in _FAILED_CLOSE_CODES

    def set_error(self, error: BaseException) -> None:
        """Record the exception that ended the session, except that of a client that disconnected."""
        if isinstance(error, WebSocketDisconnect):
            self._close_code = self._close_code or error.code
        else:
            super().set_error(error)

    def _describe(self, span: Span) -> None:
        if self._close_code:
            span.add_attribute("websocket.close_code", self._close_code)
        if self._failed_by_close:
            span.add_attribute("error.name", f"WebSocket closed with {self._close_code}")
        super()._describe(span)


def _context_headers(scope: Scope) -> dict[str, str]:
    """Return the headers of the trace context; two `traceparent` headers are ambiguous and count as none."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"traceparent":
            headers["traceparent"] = "" if "traceparent" in headers else value.decode("latin-1")
        elif name == b"tracestate":
            text = value.decode("latin-1")
            headers["tracestate"] = f"{headers['tracestate']},{text}" if "tracestate" in headers else text
    return headers


def _url(scope: Scope, path: str) -> str:
    """Return the URL without its query and credentials of the header `Host`, which may contain secrets."""
    scheme = scope.get("scheme") or ("ws" if scope["type"] == "websocket" else "http")  # optional, as in daphne
    for name, value in scope["headers"]:
        if name == b"host":
            return f"{scheme}://{value.decode('latin-1').rpartition('@')[2]}{path}"
    host, port = scope.get("server") or ("", None)
    return f"{scheme}://{host}{f':{port}' if port else ''}{path}"
