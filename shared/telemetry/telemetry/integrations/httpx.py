"""httpx: one client span a request, whichever way the request was made."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx
from opencensus.trace.span import SpanKind

from telemetry._internal.core import Telemetry


class TracedAsyncTransport(httpx.AsyncBaseTransport):
    """Traces what passes through another transport: `AsyncClient(transport=TracedAsyncTransport(telemetry, inner))`."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.AsyncBaseTransport) -> None:
        self._telemetry = telemetry
        self._wrapped = wrapped

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, traced."""
        with _client_span(self._telemetry, request) as answered:
            response = await self._wrapped.handle_async_request(request)
            answered.status = response.status_code
            return response

    async def aclose(self) -> None:
        """Close the transport that is traced."""
        await self._wrapped.aclose()


class TracedTransport(httpx.BaseTransport):
    """Traces what passes through another transport: `Client(transport=TracedTransport(telemetry, inner))`."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.BaseTransport) -> None:
        self._telemetry = telemetry
        self._wrapped = wrapped

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, traced."""
        with _client_span(self._telemetry, request) as answered:
            response = self._wrapped.handle_request(request)
            answered.status = response.status_code
            return response

    def close(self) -> None:
        """Close the transport that is traced."""
        self._wrapped.close()


class _Answer:
    status = 0


@contextmanager
def _client_span(telemetry: Telemetry, request: httpx.Request) -> Generator[_Answer]:
    """A client span around the sending of `request`, whose id the request carries in its headers."""
    answer = _Answer()
    with telemetry.operation() as tracer, tracer.span(f"{request.method} {request.url.path}") as span:
        span.span_kind = SpanKind.CLIENT
        span.add_attribute("component", "HTTP")
        span.add_attribute("http.method", request.method)
        span.add_attribute("http.url", str(request.url))
        request.headers.update(tracer.headers())
        yield answer
        span.add_attribute("http.status_code", answer.status)
