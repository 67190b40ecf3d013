"""httpx: one client span per request, for every way of sending a request."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx
from opencensus.trace.span import SpanKind

from telemetry._internal.core import Telemetry
from telemetry._internal.tracing.tracing import Span

__all__ = ["TracedAsyncTransport", "TracedTransport"]


class TracedAsyncTransport(httpx.AsyncBaseTransport):
    """Traces the requests of another transport: `AsyncClient(transport=TracedAsyncTransport(telemetry, wrapped))`."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.AsyncBaseTransport) -> None:
        self._telemetry = telemetry
        self._wrapped = wrapped

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send and trace a request."""
        with _client_span(self._telemetry, request) as span:
            response = await self._wrapped.handle_async_request(request)
            span.add_attribute("http.status_code", response.status_code)
            return response

    async def aclose(self) -> None:
        """Close the wrapped transport."""
        await self._wrapped.aclose()


class TracedTransport(httpx.BaseTransport):
    """Traces the requests of another transport: `Client(transport=TracedTransport(telemetry, wrapped))`."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.BaseTransport) -> None:
        self._telemetry = telemetry
        self._wrapped = wrapped

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send and trace a request."""
        with _client_span(self._telemetry, request) as span:
            response = self._wrapped.handle_request(request)
            span.add_attribute("http.status_code", response.status_code)
            return response

    def close(self) -> None:
        """Close the wrapped transport."""
        self._wrapped.close()


@contextmanager
def _client_span(telemetry: Telemetry, request: httpx.Request) -> Generator[Span]:
    """Yield a client span, after adding its trace context to the headers of `request`."""
    with telemetry.operation() as tracer, tracer.span(f"{request.method} {request.url.path}") as span:
        span.span_kind = SpanKind.CLIENT
        span.add_attribute("component", "HTTP")
        span.add_attribute("http.method", request.method)
        span.add_attribute("http.url", str(request.url))
        request.headers.update(tracer.headers())
        yield span
