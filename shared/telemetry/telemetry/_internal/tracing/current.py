"""What is current in the running task: OpenCensus' own context variables, reached without its detours.

OpenCensus and its extensions see the same values; its accessors cost as much as the rest of a span.
"""

from contextvars import ContextVar
from typing import Any

from opencensus.trace import execution_context

CURRENT_SPAN: ContextVar[Any] = execution_context._current_span_slot.contextvar  # noqa: SLF001, the only way there
"""The task's current span, or None."""

CURRENT_TRACER: ContextVar[Any] = execution_context._tracer_slot.contextvar  # noqa: SLF001, the only way there
"""The tracer of the operation that the task works on; a tracer of OpenCensus that does nothing, outside any."""
