"""W3C trace context over HTTP: OpenCensus' propagator, mended."""

import re
from collections.abc import Callable, Mapping

from opencensus.trace.propagation.trace_context_http_header_format import TraceContextPropagator
from opencensus.trace.span_context import generate_trace_id

from telemetry._internal.tracing.span_context import SpanContext

_FLAGS = re.compile(r"^([ \t]*[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-)([0-9a-f]{2})")
_TRACESTATE_LIMIT = 512  # characters; W3C asks to propagate at least so many


class Propagator(TraceContextPropagator):  # type: ignore[misc]
    """Reads and writes `traceparent` and `tracestate` (https://www.w3.org/TR/trace-context/).

    OpenCensus reads the flags as a decimal number and fails on `0a`; only their lowest bit has a meaning to it. It
    drops a whole tracestate for one member it does not like, although a service that adds no member of its own has no
    need to understand any: the text is handed on as it came.
    """

    def __init__(self, make_trace_id: Callable[[], str] = generate_trace_id) -> None:
        self._make_trace_id = make_trace_id

    def from_headers(self, headers: Mapping[str, str] | None) -> SpanContext:
        """The caller's context; a context of a new trace when there is none, or when it is malformed."""
        traceparent = (headers or {}).get("traceparent")
        if headers is None or traceparent is None:
            return SpanContext.new_trace(self._make_trace_id)
        readable = _FLAGS.sub(lambda match: f"{match[1]}{int(match[2], 16) & 1:02d}", traceparent)
        context = SpanContext.adopt(super().from_headers({"traceparent": readable}))
        if not context.from_header:
            return SpanContext.new_trace(self._make_trace_id)
        tracestate = headers.get("tracestate", "").strip()
        if tracestate and len(tracestate) <= _TRACESTATE_LIMIT:
            context.tracestate = tracestate
        return context

    def to_headers(self, span_context: SpanContext) -> dict[str, str]:
        """The headers that make what is called a child of the current span."""
        flags = "01" if span_context.trace_options.enabled else "00"
        headers = {"traceparent": f"00-{span_context.trace_id}-{span_context.span_id}-{flags}"}
        if span_context.tracestate:
            headers["tracestate"] = span_context.tracestate
        return headers
