"""FastAPI: one server span a request."""

from collections.abc import Collection, MutableMapping
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from opencensus.trace.span import SpanKind
from opencensus.trace.tracers.noop_tracer import NoopTracer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry._internal.core import Telemetry
from telemetry._internal.errors import exception_details
from telemetry._internal.internal_errors import report_failure
from telemetry._internal.tracing.current import CURRENT_SPAN, CURRENT_TRACER
from telemetry._internal.tracing.tracing import Span, Tracer, record_error

_CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that went away before there was an answer
_SERVER_ERROR = 500
_LAST_WORDS = {"lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed"}
UNMATCHED_ROUTE = "(unmatched)"
"""The route of requests that no route matched: were it their path, a scanner could fill the list of operations."""


def trace_app(app: FastAPI, telemetry: Telemetry, *, excluded_paths: Collection[str] = ("/healthz",)) -> None:
    """Trace every request of `app`, and start and close `telemetry` with the app's lifespan.

    To be called before the app starts. The tracing surrounds all other middleware, those of error handling included, so
    that it sees what the client sees.

    Args:
        app: The application.
        telemetry: Where the spans go. It is started before the app's own start-up and closed after its shutdown.
        excluded_paths: Paths that are not traced, nor what is called for them; each excludes itself alone, not what
            begins like it.
    """
    build = app.build_middleware_stack
    excluded = frozenset(excluded_paths)

    def build_traced() -> ASGIApp:
        return TracingMiddleware(build(), telemetry, excluded)

    app.build_middleware_stack = build_traced  # type: ignore[method-assign]


class TracingMiddleware:
    """ASGI middleware: one server span a request, from its first byte to the last of its answer."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, excluded_paths: Collection[str]) -> None:
        self._app = app
        self._telemetry = telemetry
        self._excluded_paths = excluded_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_after_close(message: Message) -> None:
            # Before the server hears of it: once it has, it may end the process at any moment.
            if message["type"] in _LAST_WORDS:
                await to_thread.run_sync(self._telemetry.close)
            await send(message)

        self._telemetry.start()
        await self._app(scope, receive, send_after_close)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A server that pipelines makes the next request's task from this one's: what is current there is not ours.
        tracer, span = CURRENT_TRACER.get(None), CURRENT_SPAN.get(None)
        CURRENT_SPAN.set(None)
        try:
            if scope["path"] in self._excluded_paths:
                self._telemetry.untraced()
                await self._app(scope, receive, send)
            else:
                request = ServerRequest(self._telemetry, scope, send)
                try:
                    await self._app(scope, receive, request.send)
                except Exception as error:
                    request.failed(error)
                    raise
                finally:
                    request.end()
        finally:
            CURRENT_TRACER.set(tracer or NoopTracer())
            CURRENT_SPAN.set(span)


class ServerRequest:
    """The server span of one request, from the ASGI messages that pass by."""

    def __init__(self, telemetry: Telemetry, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._root_path = scope.get("root_path", "")
        self._status = 0
        self._error: BaseException | None = None
        self._ended = False
        self._span: Span | None = None
        try:
            self._begin(telemetry)
        except Exception:  # noqa: BLE001, whatever it is, it is not the application's
            report_failure("beginning a request")

    def _begin(self, telemetry: Telemetry) -> None:
        self._tracer: Tracer = telemetry.tracer(telemetry.caller_context(_context_headers(self._scope)))
        span = self._tracer.start_span(self._scope["method"])
        if isinstance(span, Span):
            span.span_kind = SpanKind.SERVER
            self._tracer.span_context.name_operation = self.name
            self._span = span

    def name(self) -> str:
        """The request's name: method and route, once a route has been found."""
        return f"{self._scope['method']} {route_template(self._scope, self._root_path)}"

    async def send(self, message: Message) -> None:
        """Send a message of the answer. The span ends with the last one, however long the app goes on after it.

        Behind a server error there may be an exception, which arrives only after the answer: that span ends with the
        call.
        """
        await self._send(message)
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body" and not message.get("more_body", False) and self._span:
            self._span.finish()
            if self._status < _SERVER_ERROR:
                self.end()

    def failed(self, error: Exception) -> None:
        """Note the exception that ended the request."""
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
            # It stays the current one: what the app does after its answer is a child of the request all the same.
            self._tracer.tracer.report(self._span)
        except Exception:  # noqa: BLE001, whatever it is, it is not the application's
            report_failure("ending a request")

    def _describe(self, span: Span) -> None:
        scope = self._scope
        method, route = scope["method"], route_template(scope, self._root_path)
        span.name = self._tracer.span_context.operation_name = f"{method} {route}"
        self._tracer.span_context.name_operation = None
        if self._error is not None:
            record_error(span, self._error)
            tracer = span.context_tracer
            frames = exception_details(self._error, tracer.instruments.error_text) if tracer.sampled else []
            span.add_attribute("stacktrace", frames)
        # Set last, and past the limit for attributes: these make the request what it is.
        span.attributes.update(
            {
                "http.method": method,
                "http.route": route,
                "http.path": scope["path"],
                "http.url": _url(scope),
                "http.status_code": self._status or _CLIENT_CLOSED_REQUEST,
            }
        )


def route_template(scope: MutableMapping[str, Any], outer_root_path: str = "") -> str:
    """The template of the route that took the request, as `/values/{id}`, with the prefixes of routers and mounts.

    FastAPI keeps the route that was included under a prefix as it was, and the template with the prefix beside it.
    """
    effective = scope.get("fastapi", {}).get("effective_route_context")
    route = scope.get("route")
    template = getattr(effective, "path_format", None) or getattr(route, "path_format", getattr(route, "path", None))
    if not template:
        return UNMATCHED_ROUTE
    mounted_at = scope.get("root_path", "")[len(outer_root_path) :]
    return f"{mounted_at}{template}"


def _context_headers(scope: Scope) -> dict[str, str]:
    """The headers that carry trace context; two traceparents contradict each other and count as none."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"traceparent":
            headers["traceparent"] = "" if "traceparent" in headers else value.decode("latin-1")
        elif name == b"tracestate":
            text = value.decode("latin-1")
            headers["tracestate"] = f"{headers['tracestate']},{text}" if "tracestate" in headers else text
    return headers


def _url(scope: Scope) -> str:
    """The URL without its query, which is where secrets travel."""
    for name, value in scope["headers"]:
        if name == b"host":
            return f"{scope['scheme']}://{value.decode('latin-1')}{scope['path']}"
    host, port = scope.get("server") or ("", None)
    return f"{scope['scheme']}://{host}{f':{port}' if port else ''}{scope['path']}"
