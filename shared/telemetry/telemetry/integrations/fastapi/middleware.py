"""The tracing middleware of an application: its lifespan, and one server span per request and WebSocket session."""

import asyncio
from collections.abc import Collection, Iterable

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from opencensus.trace.tracers.noop_tracer import NoopTracer
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telemetry._internal.core import Telemetry
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.tracing.span_context import CURRENT_SPAN, CURRENT_TRACER
from telemetry.integrations.fastapi.server_request import ServerRequest, WebSocketSession

_TRACED = "telemetry.traced"
"""The key of a scope that a traced app is handling: an app can be mounted in a traced one and be traced itself."""
_LIFESPAN_END = {"lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed"}


def trace_app(app: FastAPI, telemetry: Telemetry, *, excluded_paths: Collection[str] = ("/healthz",)) -> None:
    """Trace every request and WebSocket session of `app`; start and close `telemetry` with the lifespan of the app.

    A server without lifespan events, and an app that is mounted in an untraced one, start it with the first request; it
    is then closed when the process exits. May be called repeatedly for an app; the last `telemetry` is used. Of mounted
    apps that are traced as well, only the outer one records a request.

    Call it before the app starts. The tracing surrounds all other middleware, including error handling, so that it
    records the response that the client receives.

    Args:
        app: The application.
        telemetry: Receives the spans. It is started before the start-up of the app and closed after its shutdown.
        excluded_paths: Paths whose requests, and the calls made by them, are not traced. Each is compared with the
            whole path, not with a prefix.
    """
    build = getattr(app.build_middleware_stack, "untraced", app.build_middleware_stack)
    excluded = frozenset(excluded_paths)

    def build_traced() -> ASGIApp:
        return _TracingMiddleware(build(), telemetry, excluded, app.routes)

    build_traced.untraced = build  # type: ignore[attr-defined]
    app.build_middleware_stack = build_traced  # type: ignore[method-assign]


class _TracingMiddleware:
    """ASGI middleware that creates one server span per request, from its start to the last byte of the response.

    A WebSocket session is one request, from the handshake to the end of its endpoint.
    """

    def __init__(
        self, app: ASGIApp, telemetry: Telemetry, excluded_paths: Collection[str], routes: Iterable[BaseRoute]
    ) -> None:
        self._app = app
        self._routes = routes
        self._telemetry = telemetry
        self._excluded_paths = excluded_paths
        self._has_started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] in {"http", "websocket"} and _TRACED not in scope:
            scope[_TRACED] = True
            if not self._has_started:  # the server sent no lifespan event
                self._has_started = True
                self._telemetry.start()
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

        self._has_started = True
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
                kind = WebSocketSession if scope["type"] == "websocket" else ServerRequest
                request = kind(self._telemetry, scope, receive, send, self._routes)
                try:
                    await self._app(scope, request.receive, request.send)
                except asyncio.CancelledError:
                    raise
                except BaseException as error:
                    with handle_internal_errors("recording an exception"):
                        request.set_error(error)
                    raise
                finally:
                    request.end()
        finally:
            CURRENT_TRACER.set(tracer or NoopTracer())
            CURRENT_SPAN.set(span)
