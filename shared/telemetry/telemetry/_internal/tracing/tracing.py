"""OpenCensus' tracer, span and sampler, fixed for concurrent tasks and with less overhead."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from opencensus.trace import span, tracer
from opencensus.trace.propagation.trace_context_http_header_format import TraceContextPropagator
from opencensus.trace.samplers import Sampler
from opencensus.trace.span_data import SpanData
from opencensus.trace.status import Status
from opencensus.trace.tracers.base import NullContextManager
from opencensus.trace.tracers.context_tracer import ContextTracer
from opencensus.trace.tracers.noop_tracer import NoopTracer

from telemetry._internal.errors import ErrorText, recorded_text, text_without_values
from telemetry._internal.exporter import Exporter
from telemetry._internal.formatting import public_url, safe_text, utc_text
from telemetry._internal.ids_and_clock import Clock, IdGenerator
from telemetry._internal.internal_errors import log_internal_error
from telemetry._internal.tracing.async_context_decorator import wrap_calls
from telemetry._internal.tracing.span_context import CURRENT_SPAN, CURRENT_TRACER, SAMPLED, SpanContext

_OK = Status.as_ok()
_UNKNOWN = 2  # google.rpc.Code.UNKNOWN, which OpenCensus uses for exceptions


class ParentBasedSampler(Sampler):  # type: ignore[misc]
    """Follows the caller's sampling decision; at the root of a trace another sampler decides.

    OpenCensus' samplers decide again in every service, which breaks traces.
    """

    def __init__(self, root: Sampler) -> None:
        self._root = root

    def should_sample(self, span_context: SpanContext) -> bool:
        """Return True when the spans of this trace are exported."""
        if span_context.from_header:
            return bool(span_context.trace_options.enabled)
        return bool(self._root.should_sample(span_context))


@dataclass(slots=True)
class TracingConfig:
    """The configuration that all tracers of one `Telemetry` share."""

    sampler: Sampler
    propagator: TraceContextPropagator
    exporter: Exporter
    clock: Clock
    id_generator: IdGenerator
    error_text: ErrorText = text_without_values
    on_span_end: "Callable[[Span], None] | None" = None
    """Called with every span that ends, sampled or not; None when there are no metrics."""


class Span(span.Span):  # type: ignore[misc]
    """OpenCensus' span with a duration that clock adjustments cannot change.

    The start time is that of the wall clock, the duration is measured with the monotonic clock. Collections that most
    spans do not use are created on first use. A span has at most 32 attributes, and further ones are dropped:
    OpenCensus evicts the oldest, so that a request loses its name and status code.
    """

    start_time: str | None = None
    end_time: str | None = None
    duration_ns: int = 0
    """The duration in nanoseconds; 0 until the span has ended."""
    stack_trace = None
    same_process_as_parent_span = None
    annotations: Any = ()
    message_events: Any = ()
    links: Any = ()
    status = _OK
    span_kind = span.SpanKind.UNSPECIFIED
    _child_spans = ()

    def __init__(self, name: str, parent_span: "Span | NullContextManager", context_tracer: "SpanTracer") -> None:
        # Does not call the base class, whose constructor creates the collections and their locks.
        self.name = name
        self.parent_span = parent_span
        self.context_tracer = context_tracer
        self.span_id = context_tracer.config.id_generator.generate_span_id()
        self.attributes: dict[str, Any] = {}
        for callback in span.Span._on_create_callbacks:  # noqa: SLF001
            callback(self)

    def start(self) -> None:
        """Record the start time, once: OpenCensus starts a span again when its `with` block is entered."""
        if self.start_time is None:
            clock = self.context_tracer.config.clock
            self._start_ns = clock.time_ns()
            self._start_monotonic_ns = clock.perf_counter_ns()
            self.start_time = utc_text(self._start_ns)

    def finish(self) -> None:
        """Record the end time, once."""
        if self.end_time is None:
            self.duration_ns = self.context_tracer.config.clock.perf_counter_ns() - self._start_monotonic_ns
            self.end_time = utc_text(self._start_ns + self.duration_ns)

    def add_attribute(self, attribute_key: str, attribute_value: object) -> None:
        """Set an attribute, unless there are 32 already. A URL is recorded without credentials and query.

        It does not raise for any key or value: a key that is not text is converted to text.
        """
        attribute_key = safe_text(attribute_key)
        if attribute_key == "http.url":
            attribute_value = public_url(attribute_value)
        if len(self.attributes) < span.MAX_NUM_ATTRIBUTES or attribute_key.startswith("http."):
            self.attributes[attribute_key] = attribute_value

    def add_annotation(self, description: str, **attrs: object) -> None:
        """Add an annotation: a described point in time."""
        self.annotations = self.annotations or span.BoundedList(span.MAX_NUM_ANNOTATIONS)
        super().add_annotation(description, **attrs)

    def add_message_event(self, message_event: object) -> None:
        """Add an event for a message that was sent or received."""
        self.message_events = self.message_events or span.BoundedList(span.MAX_NUM_MESSAGE_EVENTS)
        super().add_message_event(message_event)

    def add_link(self, link: object) -> None:
        """Add a link to a span of another trace."""
        self.links = self.links or span.BoundedList(span.MAX_NUM_LINKS)
        super().add_link(link)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exception_type: type[BaseException] | None, exception: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            if exception is not None:
                record_error(self, exception)
        finally:
            self.context_tracer.end(self)


def record_error(failed: Span, error: BaseException, code: str = "") -> None:
    """Mark a span as failed with `error`; `code` is the result code, by default the name of the error's class."""
    text = recorded_text(error, failed.context_tracer.config.error_text)
    failed.set_status(Status(_UNKNOWN, text))
    failed.add_attribute("error.name", type(error).__name__)
    failed.add_attribute("error.code", code or type(error).__name__)
    failed.add_attribute("error.message", text)


class SpanTracer(ContextTracer):  # type: ignore[misc]
    """OpenCensus' context tracer of one operation, for code with concurrent tasks.

    OpenCensus has one list of open spans per trace and ends the last one, so that concurrent tasks end each other's
    spans. Here a span is current only in its own task, and the code that started it ends it. The spans of an unsampled
    trace are counted in metrics, but not exported.
    """

    def __init__(self, config: TracingConfig, span_context: SpanContext, *, sampled: bool) -> None:
        # Does not call the base class, whose constructor creates the list of open spans and a lock.
        self.config = config
        self.exporter = config.exporter
        self.span_context = span_context
        self.trace_id = span_context.trace_id
        self.root_span_id = span_context.remote_parent_id
        self.sampled = sampled

    def start_span(self, name: str = "span") -> Span:
        """Start a child of the task's current span and make it the current one."""
        parent = CURRENT_SPAN.get(None)
        if parent is None:
            parent = NullContextManager(span_id=self.span_context.remote_parent_id)
        started = Span(name, parent, self)
        CURRENT_SPAN.set(started)
        started.start()
        return started

    def end_span(self, *_args: object, **_kwargs: object) -> None:
        """End the task's current span."""
        current = CURRENT_SPAN.get(None)
        if current is not None:
            self.end(current)

    def end(self, ended: Span) -> None:
        """End a span, make its parent the current one, and report it."""
        ended.finish()
        self.leave(ended)
        self.report(ended)

    def report(self, ended: Span) -> None:
        """Count an ended span in the metrics, and export it when it is sampled."""
        if self.config.on_span_end is not None:
            try:
                self.config.on_span_end(ended)
            except Exception:  # noqa: BLE001, no error of the library may reach the application
                log_internal_error("recording the metrics of a span")
        try:
            if self.sampled:
                self.exporter.export(self.get_span_datas(ended))
        except Exception:  # noqa: BLE001, no error of the library may reach the application
            log_internal_error("exporting a span")

    @staticmethod
    def leave(left: Span) -> None:
        """Make the parent of a span the current one without exporting the span."""
        if CURRENT_SPAN.get(None) is left:
            parent = left.parent_span
            CURRENT_SPAN.set(parent if isinstance(parent, Span) else None)

    def finish(self) -> None:
        """Do nothing. OpenCensus ends all open spans here; in this library, the code that started a span ends it."""

    def get_span_datas(self, span: Span) -> list[SpanData]:
        """Return the span as the tuple that exporters expect."""
        return [
            SpanData(
                span.name,
                self.span_context,
                span.span_id,
                span.parent_span.span_id,
                span.attributes,
                span.start_time,
                span.end_time,
                0,
                span.stack_trace,
                span.annotations,
                span.message_events,
                span.links,
                span.status,
                span.same_process_as_parent_span,
                span.span_kind,
            )
        ]


class Tracer(tracer.Tracer):  # type: ignore[misc]
    """OpenCensus' tracer of one operation.

    Create one per operation: with one per module, all requests would belong to the same trace.
    """

    def __init__(self, config: TracingConfig, span_context: SpanContext, *, in_metrics: bool = True) -> None:
        # Does not call the base class, whose constructor uses the slow accessor of the context variable.
        self.span_context = span_context
        self.sampler = config.sampler
        self.exporter = config.exporter
        self.propagator = config.propagator
        self._config = config
        self._in_metrics = in_metrics and config.on_span_end is not None
        self.tracer = self.get_tracer()
        CURRENT_TRACER.set(self)

    def get_tracer(self) -> Any:  # noqa: ANN401, SpanTracer or OpenCensus' own NoopTracer
        """Return a tracer whose spans are exported or counted in metrics; a no-op tracer when they are neither."""
        if self.should_sample():
            self.span_context.trace_options = SAMPLED
            return SpanTracer(self._config, self.span_context, sampled=True)
        return SpanTracer(self._config, self.span_context, sampled=False) if self._in_metrics else NoopTracer()

    def current_span(self) -> Any:  # noqa: ANN401
        """Return the task's current span; a blank span when nothing is recorded."""
        return self.tracer.current_span()

    def trace_decorator(self) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Return a decorator that traces every call of a function as a span of this operation.

        OpenCensus' decorator leaves the span of a call that raises open, and ends that of a coroutine before it runs.
        """
        return lambda function: wrap_calls(function, lambda: self.span(function.__name__))

    def headers(self) -> dict[str, str]:
        """Return the headers that make the current span the parent of the called operation."""
        headers: dict[str, str] = self.propagator.to_headers(self.span_context)
        return headers


def current_tracer() -> Tracer | None:
    """Return the tracer of the current operation."""
    found = CURRENT_TRACER.get(None)
    return found if isinstance(found, Tracer) else None


def current_operation_id() -> str | None:
    """Return the trace id of the current operation, 32 hexadecimal digits; None outside an operation."""
    found = current_tracer()
    return None if found is None else str(found.span_context.trace_id)


def current_ids() -> dict[str, str]:
    """Return the ids of the current operation and span, for log lines; empty outside any operation.

    Keys: `operation_id` (trace id, 32 hexadecimal digits) and, inside a span, `span_id` (16).
    """
    found = current_tracer()
    if found is None:
        return {}
    context = found.span_context
    ids = {"operation_id": context.trace_id, "span_id": context.span_id}
    return {name: str(value) for name, value in ids.items() if value}
