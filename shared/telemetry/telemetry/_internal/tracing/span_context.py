"""The context that travels: trace id, current span, sampling decision."""

from collections.abc import Callable
from typing import Self

from opencensus.trace import span_context
from opencensus.trace.trace_options import TraceOptions

from telemetry._internal.tracing.current import CURRENT_SPAN

SAMPLED = TraceOptions("1")
UNSAMPLED = TraceOptions("0")


class SpanContext(span_context.SpanContext):  # type: ignore[misc]
    """OpenCensus' span context, whose span is always the one of the running task.

    OpenCensus keeps one span id for the whole trace and overwrites it with every span that starts or ends; among
    concurrent tasks a header built from it names somebody else's span. Here `span_id` is looked up in the context of
    the task that asks. An unsampled trace has no spans, yet its header must carry an id: it keeps one of its own.
    """

    operation_name: str = ""
    """Name of the request or the work that this part of the trace is about, once it is known."""
    name_operation: Callable[[], str] | None = None
    """Says the name while it is not known for good: a request's route is found after its first span has begun."""

    _entry_id: str | None
    remote_parent_id: str | None
    """The caller's span, from its header; None at the root of a trace."""

    @classmethod
    def new_trace(cls, make_trace_id: Callable[[], str] = span_context.generate_trace_id) -> Self:
        """The context of a trace that begins here. Ids made here need no check."""
        context = cls.__new__(cls)
        context.from_header = False
        context.trace_id = make_trace_id()
        context.trace_options = UNSAMPLED
        context.tracestate = None
        context.span_id = None
        return context

    @classmethod
    def adopt(cls, other: span_context.SpanContext) -> Self:
        """The same context as one of this class. Its ids have been checked already."""
        context = cls.__new__(cls)
        context.from_header = other.from_header
        context.trace_id = other.trace_id
        context.trace_options = other.trace_options
        context.tracestate = other.tracestate
        context.span_id = other.span_id
        return context

    @property
    def span_id(self) -> str | None:
        """Id of the current span of the task that asks."""
        span = CURRENT_SPAN.get(None)
        if span is not None:
            return str(span.span_id)
        if self._entry_id is None and not self.trace_options.enabled:
            self._entry_id = str(span_context.generate_span_id())
        return self._entry_id

    @span_id.setter
    def span_id(self, value: str | None) -> None:
        self.remote_parent_id = value
        self._entry_id = value


def operation_name(context: span_context.SpanContext) -> str:
    """The name of the operation that a span or a log record belongs to; empty when it has none, or none yet."""
    if not isinstance(context, SpanContext):
        return ""
    if context.operation_name or context.name_operation is None:
        return context.operation_name
    return context.name_operation()
