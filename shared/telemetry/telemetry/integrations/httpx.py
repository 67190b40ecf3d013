"""httpx: one client span per request, for every way of sending a request."""

from collections.abc import Generator
from types import TracebackType
from typing import Any, Self

import httpx
from opencensus.trace.span import SpanKind

from telemetry._internal.core import Telemetry
from telemetry._internal.tracing.tracing import Span
from telemetry._internal.transparent_context import transparent_context

__all__ = ["TracedAsyncTransport", "TracedTransport"]

_TRACE_HEADERS = {b"traceparent", b"tracestate"}


class _Wrapper:
    """A transport whose other attributes are those of the wrapped transport."""

    _wrapped: Any

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name == "_wrapped":  # not set yet, for example while the wrapper is copied
            raise AttributeError(name)
        return getattr(self._wrapped, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name in {"_telemetry", "_wrapped"}:
            super().__setattr__(name, value)
        else:
            setattr(self._wrapped, name, value)


class TracedAsyncTransport(_Wrapper, httpx.AsyncBaseTransport):
    """Traces the requests of another transport: `AsyncClient(transport=TracedAsyncTransport(telemetry, wrapped))`."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.AsyncBaseTransport) -> None:
        self._telemetry = telemetry
        self._wrapped = wrapped

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send and trace a request."""
        with _client_span(self._telemetry, request) as (span, traced):
            response: httpx.Response = await self._wrapped.handle_async_request(traced)
            span.add_attribute("http.status_code", response.status_code)
            return response

    async def aclose(self) -> None:
        """Close the wrapped transport."""
        await self._wrapped.aclose()

    async def __aenter__(self) -> Self:
        await self._wrapped.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._wrapped.__aexit__(exc_type, exc_value, traceback)


class TracedTransport(_Wrapper, httpx.BaseTransport):
    """Traces the requests of another transport: `Client(transport=TracedTransport(telemetry, wrapped))`."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.BaseTransport) -> None:
        self._telemetry = telemetry
        self._wrapped = wrapped

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send and trace a request."""
        with _client_span(self._telemetry, request) as (span, traced):
            response: httpx.Response = self._wrapped.handle_request(traced)
            span.add_attribute("http.status_code", response.status_code)
            return response

    def close(self) -> None:
        """Close the wrapped transport."""
        self._wrapped.close()

    def __enter__(self) -> Self:
        self._wrapped.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._wrapped.__exit__(exc_type, exc_value, traceback)


@transparent_context
def _client_span(telemetry: Telemetry, request: httpx.Request) -> Generator[tuple[Span, httpx.Request]]:
    """Yield a client span, and a copy of `request` with its trace context in the headers.

    The application's request is left as it would be without tracing: it has what the wrapped transport changes, but not
    the trace context.
    """
    with telemetry.operation() as tracer, tracer.span(f"{request.method} {request.url.path}") as span:
        span.span_kind = SpanKind.CLIENT
        span.add_attribute("component", "HTTP")
        span.add_attribute("http.method", request.method)
        span.add_attribute("http.url", str(request.url))
        traced = object.__new__(type(request))
        vars(traced).update(vars(request))
        traced.headers = httpx.Headers(request.headers)
        traced.headers.update(tracer.headers())
        try:
            yield span, traced
        finally:
            vars(request).update(vars(traced) | {"headers": request.headers})
            _copy_changes(traced.headers, request.headers)


def _copy_changes(source: httpx.Headers, target: httpx.Headers) -> None:
    """Copy what the wrapped transport changed in the headers, except the trace context."""
    changed = [item for item in source.raw if item[0].lower() not in _TRACE_HEADERS]
    if changed != [item for item in target.raw if item[0].lower() not in _TRACE_HEADERS]:
        own = {name: target[name] for name in ("traceparent", "tracestate") if name in target}
        target.clear()
        target.update(httpx.Headers(changed))
        target.update(own)
