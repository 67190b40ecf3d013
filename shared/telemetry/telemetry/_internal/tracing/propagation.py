"""W3C Trace Context over HTTP: OpenCensus' propagator with fixes."""

import re
from collections.abc import Callable, Mapping

from opencensus.trace.propagation.trace_context_http_header_format import TraceContextPropagator
from opencensus.trace.span_context import generate_trace_id

from telemetry._internal.tracing.span_context import SpanContext

_FLAGS = re.compile(r"^([ \t]*[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-)([0-9a-f]{2})")
_TRACESTATE_LIMIT = 512  # characters; W3C Trace Context requires to propagate at least this many


class Propagator(TraceContextPropagator):  # type: ignore[misc]
    """Reads and writes `traceparent` and `tracestate` (https://www.w3.org/TR/trace-context/).

    OpenCensus parses the flags as a decimal number and fails on `0a`; it uses only the lowest bit. It drops the whole
    tracestate when it cannot parse one member. A service that adds no member does not need to parse the others, so the
    text is forwarded unchanged.
    """

    def __init__(self, generate_trace_id: Callable[[], str] = generate_trace_id) -> None:
        self._generate_trace_id = generate_trace_id

    def from_headers(self, headers: Mapping[str, str] | None) -> SpanContext:
        """Return the caller's context; the context of a new trace when the header is missing or malformed."""
        traceparent = (headers or {}).get("traceparent")
        if headers is None or traceparent is None:
            return SpanContext.new_trace(self._generate_trace_id)
        readable = _FLAGS.sub(lambda match: f"{match[1]}{int(match[2], 16) & 1:02d}", traceparent)
        context = SpanContext.adopt(super().from_headers({"traceparent": readable}))
        if not context.from_header:
            return SpanContext.new_trace(self._generate_trace_id)
        tracestate = headers.get("tracestate", "").strip()
        if tracestate and len(tracestate) <= _TRACESTATE_LIMIT:
            context.tracestate = tracestate
        return context

    def to_headers(self, span_context: SpanContext) -> dict[str, str]:
        """Return the headers that make the current span the parent of the called operation."""
        flags = "01" if span_context.trace_options.enabled else "00"
        headers = {"traceparent": f"00-{span_context.trace_id}-{span_context.span_id}-{flags}"}
        if span_context.tracestate:
            headers["tracestate"] = span_context.tracestate
        return headers
