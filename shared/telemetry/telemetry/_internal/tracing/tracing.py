"""OpenCensus' tracer, span and sampler, mended for concurrent tasks and made light."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from opencensus.trace import span, tracer
from opencensus.trace.propagation.trace_context_http_header_format import TraceContextPropagator
from opencensus.trace.samplers import Sampler
from opencensus.trace.span_data import SpanData
from opencensus.trace.status import Status
from opencensus.trace.tracers.base import NullContextManager
from opencensus.trace.tracers.context_tracer import ContextTracer
from opencensus.trace.tracers.noop_tracer import NoopTracer

from telemetry._internal.envelopes.time_texts import utc_text
from telemetry._internal.envelopes.urls import public_url
from telemetry._internal.errors import ErrorText, text_without_values
from telemetry._internal.internal_errors import report_failure
from telemetry._internal.tracing.async_context_decorator import around_calls
from telemetry._internal.tracing.current import CURRENT_SPAN, CURRENT_TRACER
from telemetry._internal.tracing.ids_and_clock import Sources
from telemetry._internal.tracing.span_context import SAMPLED, SpanContext

_OK = Status.as_ok()
_UNKNOWN = 2  # google.rpc.Code.UNKNOWN, as OpenCensus says it of exceptions


class ParentBasedSampler(Sampler):  # type: ignore[misc]
    """Follows the caller's decision, and asks another sampler at the root of a trace.

    OpenCensus' samplers decide anew in every service, so that a trace falls apart.
    """

    def __init__(self, root: Sampler) -> None:
        self._root = root

    def should_sample(self, span_context: SpanContext) -> bool:
        """Whether the spans of this trace are recorded."""
        if span_context.from_header:
            return bool(span_context.trace_options.enabled)
        return bool(self._root.should_sample(span_context))


class Exporter(Protocol):
    """Takes spans as they end; OpenCensus' exporters do."""

    def export(self, span_datas: Sequence[SpanData]) -> None:
        """Take spans."""


@dataclass(slots=True)
class TracingConfig:
    """What the tracers of one `Telemetry` have in common."""

    sampler: Sampler
    propagator: TraceContextPropagator
    exporter: Exporter
    sources: Sources
    error_text: ErrorText = text_without_values
    measure: "Callable[[Span], None] | None" = None
    """Is told of every span as it ends, sampled or not; None when nobody measures."""


class Span(span.Span):  # type: ignore[misc]
    """OpenCensus' span with a duration that no clock adjustment can falsify.

    It starts at the wall clock's time and lasts as long as the monotonic clock says. Collections that most spans never
    use are made when they are used. At most 32 attributes are kept, and it is the newest that gives way: OpenCensus
    evicts the oldest, which loses a request its name and status code.
    """

    start_time: str | None = None
    end_time: str | None = None
    duration_ns: int = 0
    """How long it took, once it has ended."""
    stack_trace = None
    same_process_as_parent_span = None
    annotations: Any = ()
    message_events: Any = ()
    links: Any = ()
    status = _OK
    span_kind = span.SpanKind.UNSPECIFIED
    _child_spans = ()

    def __init__(self, name: str, parent_span: "Span | NullContextManager", context_tracer: "SpanTracer") -> None:
        # The constructor of the base class is left out: it makes the collections (and their locks) that most never use.
        self.name = name
        self.parent_span = parent_span
        self.context_tracer = context_tracer
        self.span_id = context_tracer.sources.ids.span_id()
        self.attributes: dict[str, Any] = {}
        for callback in span.Span._on_create_callbacks:  # noqa: SLF001
            callback(self)

    def start(self) -> None:
        """Take the start time, once: OpenCensus starts a span again when its `with` block is entered."""
        if self.start_time is None:
            clock = self.context_tracer.sources.clock
            self._start_ns = clock.time_ns()
            self._start_monotonic_ns = clock.perf_counter_ns()
            self.start_time = utc_text(self._start_ns)

    def finish(self) -> None:
        """Take the end time, once."""
        if self.end_time is None:
            self.duration_ns = self.context_tracer.sources.clock.perf_counter_ns() - self._start_monotonic_ns
            self.end_time = utc_text(self._start_ns + self.duration_ns)

    def add_attribute(self, attribute_key: str, attribute_value: object) -> None:
        """Keep an attribute, unless there are 32 already. A URL is kept without credentials and query."""
        if attribute_key == "http.url":
            attribute_value = public_url(attribute_value)  # type: ignore[arg-type]
        if len(self.attributes) < span.MAX_NUM_ATTRIBUTES or attribute_key.startswith("http."):
            self.attributes[attribute_key] = attribute_value

    def add_annotation(self, description: str, **attrs: object) -> None:
        """Note an event in the life of the span."""
        self.annotations = self.annotations or span.BoundedList(span.MAX_NUM_ANNOTATIONS)
        super().add_annotation(description, **attrs)

    def add_message_event(self, message_event: object) -> None:
        """Note a message sent or received."""
        self.message_events = self.message_events or span.BoundedList(span.MAX_NUM_MESSAGE_EVENTS)
        super().add_message_event(message_event)

    def add_link(self, link: object) -> None:
        """Name a span of another trace that belongs to this one."""
        self.links = self.links or span.BoundedList(span.MAX_NUM_LINKS)
        super().add_link(link)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exception_type: type[BaseException] | None, exception: BaseException | None, tb: TracebackType | None
    ) -> None:
        if exception is not None:
            record_error(self, exception)
        self.context_tracer.end(self)


def record_error(failed: Span, error: BaseException, code: str = "") -> None:
    """Mark a span as failed by `error`; `code` is the result code, by default the name of the error's class."""
    text = failed.context_tracer.instruments.error_text(error)
    failed.set_status(Status(_UNKNOWN, text))
    failed.add_attribute("error.name", type(error).__name__)
    failed.add_attribute("error.code", code or type(error).__name__)
    failed.add_attribute("error.message", text)


class SpanTracer(ContextTracer):  # type: ignore[misc]
    """OpenCensus' tracer of a trace, for code in which tasks run side by side.

    OpenCensus lists the open spans of a trace and ends whichever comes last; concurrent tasks end one another's. Here
    a span is current in its own task only, and is ended by whoever started it. The spans of a trace that is not sampled
    are measured and not exported, so that metrics count everything.
    """

    def __init__(self, instruments: TracingConfig, span_context: SpanContext, *, sampled: bool) -> None:
        # The constructor of the base class is left out: it makes the list of open spans, and a lock for it.
        self.instruments = instruments
        self.sources = instruments.sources
        self.exporter = instruments.exporter
        self.span_context = span_context
        self.trace_id = span_context.trace_id
        self.root_span_id = span_context.remote_parent_id
        self.sampled = sampled

    def start_span(self, name: str = "span") -> Span:
        """Start a child of the task's current span, and make it the current one."""
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
        """End a span, make its parent the current one again, and report it."""
        ended.finish()
        self.leave(ended)
        self.report(ended)

    def report(self, ended: Span) -> None:
        """Have a span that has ended measured, and exported when it is sampled."""
        try:
            if self.instruments.measure is not None:
                self.instruments.measure(ended)
            if self.sampled:
                self.exporter.export(self.get_span_datas(ended))
        except Exception:  # noqa: BLE001, whatever it is, it is not the application's
            report_failure("exporting a span")

    @staticmethod
    def leave(left: Span) -> None:
        """Make the parent of a span current again without exporting the span."""
        if CURRENT_SPAN.get(None) is left:
            parent = left.parent_span
            CURRENT_SPAN.set(parent if isinstance(parent, Span) else None)

    def finish(self) -> None:
        """Do nothing: every span is ended by whoever started it."""

    def get_span_datas(self, span: Span) -> list[SpanData]:
        """The span as the tuple that exporters take."""
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
    """OpenCensus' tracer: one an operation, never one a module, or all requests would share a trace."""

    def __init__(self, instruments: TracingConfig, span_context: SpanContext, *, measured: bool = True) -> None:
        # The constructor of the base class is left out: it reaches the context variable by a long way.
        self.span_context = span_context
        self.sampler = instruments.sampler
        self.exporter = instruments.exporter
        self.propagator = instruments.propagator
        self._instruments = instruments
        self._measured = measured and instruments.measure is not None
        self.tracer = self.get_tracer()
        CURRENT_TRACER.set(self)

    def get_tracer(self) -> Any:  # noqa: ANN401, SpanTracer or OpenCensus' own NoopTracer
        """A tracer whose spans are exported or at least measured; one that does nothing, where neither is wanted."""
        if self.should_sample():
            self.span_context.trace_options = SAMPLED
            return SpanTracer(self._instruments, self.span_context, sampled=True)
        return SpanTracer(self._instruments, self.span_context, sampled=False) if self._measured else NoopTracer()

    def current_span(self) -> Any:  # noqa: ANN401
        """The task's current span; a blank one when nothing is recorded."""
        return self.tracer.current_span()

    def trace_decorator(self) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator that makes every call of a function a span of this operation.

        OpenCensus' own leaves the span of a call that raises open, and ends that of a coroutine before it has run.
        """
        return lambda function: around_calls(function, lambda: self.span(function.__name__))

    def headers(self) -> dict[str, str]:
        """The headers that make what is called a child of the current span."""
        headers: dict[str, str] = self.propagator.to_headers(self.span_context)
        return headers


def current_tracer() -> Tracer | None:
    """The tracer of the operation that this code runs in."""
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
