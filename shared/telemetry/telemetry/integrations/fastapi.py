"""FastAPI: one server span per request."""

from collections.abc import Collection, MutableMapping
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from opencensus.trace.span import SpanKind
from opencensus.trace.tracers.noop_tracer import NoopTracer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry._internal.core import Telemetry
from telemetry._internal.errors import exception_details
from telemetry._internal.internal_errors import log_internal_error
from telemetry._internal.tracing.span_context import CURRENT_SPAN, CURRENT_TRACER
from telemetry._internal.tracing.tracing import Span, Tracer, record_error

__all__ = ["trace_app"]

_CLIENT_CLOSED_REQUEST = 499  # nginx's code for a client that disconnected before the response
_SERVER_ERROR = 500
_LIFESPAN_END = {"lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed"}
_UNMATCHED_ROUTE = "(unmatched)"
"""The route of requests that match no route. With their paths, a scanner could fill the list of operations."""


def trace_app(app: FastAPI, telemetry: Telemetry, *, excluded_paths: Collection[str] = ("/healthz",)) -> None:
    """Trace every request of `app`, and start and close `telemetry` with the lifespan of the app.

    Call it before the app starts. The tracing surrounds all other middleware, including error handling, so that it
    records the response that the client receives.

    Args:
        app: The application.
        telemetry: Receives the spans. It is started before the start-up of the app and closed after its shutdown.
        excluded_paths: Paths whose requests, and the calls made by them, are not traced. Each is compared with the
            whole path, not with a prefix.
    """
    build = app.build_middleware_stack
    excluded = frozenset(excluded_paths)

    def build_traced() -> ASGIApp:
        return _TracingMiddleware(build(), telemetry, excluded)

    app.build_middleware_stack = build_traced  # type: ignore[method-assign]


class _TracingMiddleware:
    """ASGI middleware that creates one server span per request, from its start to the last byte of the response."""

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
            # Close first: after this message the server may end the process at any time.
            if message["type"] in _LIFESPAN_END:
                await run_in_threadpool(self._telemetry.close)
            await send(message)

        self._telemetry.start()
        await self._app(scope, receive, send_after_close)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        # With pipelining, a server creates the task of the next request in the context of this one. The current tracer
        # and span may therefore be those of another request.
        tracer, span = CURRENT_TRACER.get(None), CURRENT_SPAN.get(None)
        CURRENT_SPAN.set(None)
        try:
            if scope["path"] in self._excluded_paths:
                self._telemetry.untraced()
                await self._app(scope, receive, send)
            else:
                request = _ServerRequest(self._telemetry, scope, send)
                try:
                    await self._app(scope, receive, request.send)
                except Exception as error:
                    request.set_error(error)
                    raise
                finally:
                    request.end()
        finally:
            CURRENT_TRACER.set(tracer or NoopTracer())
            CURRENT_SPAN.set(span)


class _ServerRequest:
    """The server span of one request, filled from the ASGI messages of the response."""

    def __init__(self, telemetry: Telemetry, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._root_path = scope.get("root_path", "")
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
        span = self._tracer.start_span(self._scope["method"])
        if isinstance(span, Span):
            span.span_kind = SpanKind.SERVER
            self._tracer.span_context.name_operation = self.name
            self._span = span

    def name(self) -> str:
        """Return the name of the request: method and route, as far as a route has been found."""
        return f"{self._scope['method']} {_route_template(self._scope, self._root_path)}"

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

    def set_error(self, error: Exception) -> None:
        """Record the exception that ended the request.

        Older versions of Starlette raise the exception of a streamed response in an exception group.
        """
        while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
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
        method, route = scope["method"], _route_template(scope, self._root_path)
        span.name = self._tracer.span_context.operation_name = f"{method} {route}"
        self._tracer.span_context.name_operation = None
        if self._error is not None:
            record_error(span, self._error)
            tracer = span.context_tracer
            frames = exception_details(self._error, tracer.config.error_text) if tracer.sampled else []
            span.add_attribute("stacktrace", frames)
        # No route matched: the path is user data, such as a secret pasted into the address bar.
        path = "/" if route == _UNMATCHED_ROUTE else scope["path"]
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


def _route_template(scope: MutableMapping[str, Any], outer_root_path: str = "") -> str:
    """Return the template of the matched route, such as `/values/{id}`, with the prefixes of routers and mounts.

    FastAPI does not change a route that is included with a prefix; it stores the template with the prefix separately.
    """
    effective = scope.get("fastapi", {}).get("effective_route_context")
    route = scope.get("route")
    template = getattr(effective, "path_format", None) or getattr(route, "path_format", getattr(route, "path", None))
    if not template:
        return _UNMATCHED_ROUTE
    mounted_at = scope.get("root_path", "")[len(outer_root_path) :]
    return f"{mounted_at}{template}"


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
    """Return the URL without its query, which may contain secrets."""
    for name, value in scope["headers"]:
        if name == b"host":
            return f"{scope['scheme']}://{value.decode('latin-1')}{path}"
    host, port = scope.get("server") or ("", None)
    return f"{scope['scheme']}://{host}{f':{port}' if port else ''}{path}"
