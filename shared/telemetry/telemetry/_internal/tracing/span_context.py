"""The current span and tracer, and the context that is propagated: trace id, span id, sampling decision."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Self

from opencensus.trace import execution_context, span_context
from opencensus.trace.trace_options import TraceOptions

CURRENT_SPAN: ContextVar[Any] = execution_context._current_span_slot.contextvar  # noqa: SLF001, there is no public way
"""The current span of the task, or None.

These are OpenCensus' own context variables, which OpenCensus and its extensions use as well. They are accessed directly
because OpenCensus' accessors cost as much time as the rest of a span.
"""

CURRENT_TRACER: ContextVar[Any] = execution_context._tracer_slot.contextvar  # noqa: SLF001, there is no public way
"""The tracer of the task's current operation; OpenCensus' no-op tracer, or nothing, outside an operation."""

SAMPLED = TraceOptions("1")
UNSAMPLED = TraceOptions("0")


class SpanContext(span_context.SpanContext):  # type: ignore[misc]
    """OpenCensus' span context, whose span id is always that of the current span of the running task.

    OpenCensus stores one span id per trace and overwrites it whenever a span starts or ends, so that with concurrent
    tasks a header may contain the id of another task's span. Here `span_id` is read from the context of the running
    task. An unsampled trace has no spans, but its header needs a span id: it has a constant id of its own.
    """

    operation_name: str = ""
    """Name of the request or script that this part of the trace belongs to; empty while the name can still change."""
    name_operation: Callable[[], str] | None = None
    """Returns the name while it can still change: the route of a request is known only after its first span started."""

    _entry_id: str | None
    remote_parent_id: str | None
    """The id of the caller's span, from its header; None at the root of a trace."""

    @classmethod
    def new_trace(cls, generate_trace_id: Callable[[], str] = span_context.generate_trace_id) -> Self:
        """Return the context of a new trace. A generated id is not validated."""
        context = cls.__new__(cls)
        context.from_header = False
        context.trace_id = generate_trace_id()
        context.trace_options = UNSAMPLED
        context.tracestate = None
        context.span_id = None
        return context

    @classmethod
    def adopt(cls, other: span_context.SpanContext) -> Self:
        """Return a context of this class with the values of another one, whose ids have already been validated."""
        context = cls.__new__(cls)
        context.from_header = other.from_header
        context.trace_id = other.trace_id
        context.trace_options = other.trace_options
        context.tracestate = other.tracestate
        context.span_id = other.span_id
        return context

    @property
    def span_id(self) -> str | None:
        """The id of the running task's current span."""
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
    """Return the name of the operation that a span or log record belongs to; empty when it has no name yet."""
    if not isinstance(context, SpanContext):
        return ""
    if context.operation_name or context.name_operation is None:
        return context.operation_name
    return context.name_operation()
