"""One process's telemetry: made once, started after the fork, closed before the exit."""

import atexit
import logging
import multiprocessing.util
import os
import threading
import time
import weakref
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from opencensus.trace.print_exporter import PrintExporter
from opencensus.trace.samplers import ProbabilitySampler
from opencensus.trace.tracers.noop_tracer import NoopTracer

from telemetry._internal.envelopes.envelopes import Event, event_envelope
from telemetry._internal.export.destination import Destination, origin_of
from telemetry._internal.export.fan_out import Exporter, FanOut
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.log_handler import LogHandler, current_place
from telemetry._internal.metrics.aggregates import Aggregates
from telemetry._internal.metrics.custom import Metric
from telemetry._internal.metrics.report import MetricReport, MetricReporter
from telemetry._internal.metrics.standard import CallMeter
from telemetry._internal.tracing.async_context_decorator import Block
from telemetry._internal.tracing.current import CURRENT_SPAN, CURRENT_TRACER
from telemetry._internal.tracing.ids_and_clock import Sources
from telemetry._internal.tracing.propagation import Propagator
from telemetry._internal.tracing.span_context import UNSAMPLED, SpanContext
from telemetry._internal.tracing.tracing import ParentBasedSampler, Span, Tracer, TracingConfig, current_tracer
from telemetry.settings import TelemetrySettings


class Telemetry:
    """Spans, logs, events and metrics of one role, on their way to Application Insights.

    Made at import or later, it does nothing until `start`: trace context is passed on, nothing is recorded. `start` and
    `close` may be repeated in turn. In a process that is forked from one where it is started, it starts anew.

    Args:
        settings: Who this is, and where telemetry goes.
        span_exporter: Takes the spans (`SpanData`). This and the next two are for tests: as soon as one of them is
            given, nothing is sent anywhere. `telemetry.testing` has exporters that remember.
        log_exporter: Takes the envelopes of log records and events.
        metric_exporter: Takes the envelopes of metrics; without it a test has none.
        sources: Where times and ids come from; `telemetry.testing` has some that a test knows beforehand.
    """

    def __init__(
        self,
        settings: TelemetrySettings,
        *,
        span_exporter: Exporter | None = None,
        log_exporter: Exporter | None = None,
        metric_exporter: Exporter | None = None,
        sources: Sources | None = None,
    ) -> None:
        self.settings = settings
        self._replacements = (span_exporter, log_exporter, metric_exporter)
        self._sources = sources or Sources()
        self.origin = origin_of(settings)
        """What all envelopes have in common; set anew by every start, as a process may have forked."""
        self._spans, self._logs, self._metrics = FanOut(), FanOut(), FanOut()
        self._instruments = TracingConfig(
            ParentBasedSampler(ProbabilitySampler(settings.sampling_rate)),
            Propagator(self._sources.ids.trace_id),
            self._spans,
            self._sources,
            self.origin.error_text,
        )
        self._aggregates = Aggregates()
        self._meter = CallMeter(self._aggregates)
        self._named: dict[str, Metric] = {}
        self._captured: list[str] = []
        self._handler: LogHandler | None = None
        self._reporter: MetricReporter | None = None
        self._destinations: list[Destination] = []
        self._lock = threading.Lock()
        self._is_started = False
        self._knows_of_forks = False

    def start(self) -> None:
        """Start exporting. Waits neither for the network nor for the disk. Does nothing when started."""
        with self._lock, handle_internal_errors("starting"):
            if self._is_started:
                return
            self._is_started = True
            self.origin = origin_of(self.settings)
            self._open_exporters()
            if self._metrics.exporters and self.settings.metrics_period_s > 0:
                with handle_internal_errors("starting metrics"):
                    self._start_metrics()
            self._handler = LogHandler(self._logs, self.origin, self._meter.count_exception)
            for name in self._captured:
                logging.getLogger(name).addHandler(self._handler)
            atexit.register(self.close)
            self._watch_forks()

    def close(self, timeout_s: float = 5.0) -> None:
        """Send what is waiting; keep on disk, for the role's next start, what cannot be sent within `timeout_s`.

        Safe to repeat, and from any thread. It blocks: on an event loop, run it in a thread.
        """
        with self._lock:
            deadline = time.monotonic() + timeout_s
            self._is_started = False
            self._spans.exporters = ()
            self._detach_handler()
            self._instruments.measure = None
            self._aggregates.is_open = False
            if self._reporter is not None:
                self._reporter.end()
                self._reporter = None
            self._logs.exporters = self._metrics.exporters = ()
            for destination in self._destinations:
                destination.begin_close(deadline)
            for destination in self._destinations:
                destination.end_close()
            self._destinations.clear()
            atexit.unregister(self.close)

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that has been recorded so far, metrics excepted, has been sent or kept on disk.

        Returns:
            False when that took longer than `timeout_s`.
        """
        return sum(not destination.flush(timeout_s) for destination in self._destinations) == 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def span(self, name: str) -> Block[Span]:
        """Trace a piece of work inside this process: a `with` block, or every call of the function it decorates.

        Attributes go to the span that the block is given. Outside any operation it begins one of the same name, which
        ends with the block.
        """
        return Block(lambda: self._span(name))

    def event(
        self,
        name: str,
        properties: Mapping[str, object] | None = None,
        measurements: Mapping[str, float] | None = None,
    ) -> None:
        """Record that something happened which the application has a name for, such as an order that was placed.

        It belongs to the current span, and is sampled with it.

        Args:
            name: What happened; few names, told apart by properties.
            properties: Facts to search and group by, kept as text.
            measurements: Numbers to chart. Those that are infinite or no number are left out.
        """
        with handle_internal_errors("recording an event"):
            place = current_place()
            if place is not None and self._logs.exporters:
                time_ns = self._sources.clock.time_ns()
                event = Event(name, properties or {}, measurements or {})
                self._logs.export([event_envelope(event, time_ns, place, self.origin)])

    def metric(self, name: str) -> Metric:
        """The metric of this name, to record measurements with: `telemetry.metric("queue length").record(7)`."""
        return self._named.setdefault(name, Metric(name, self._aggregates))

    def capture_logs(self, *logger_names: str, level: int | None = None) -> None:
        """Export the records of these loggers and their child loggers, correlated with the current span.

        The root logger cannot be captured: it also receives the records of the libraries that export telemetry.
        Propagation to other handlers is not changed.

        Args:
            logger_names: Names of the application's loggers.
            level: Set this level on each of the loggers, for example `logging.INFO`. By default levels are not changed.

        Raises:
            ValueError: A name is empty or `root`.
        """
        for name in logger_names:
            if name in {"", "root"}:
                message = "expected the names of the application's own loggers, not the root logger's"
                raise ValueError(message)
            if level is not None:
                logging.getLogger(name).setLevel(level)
            if name not in self._captured:
                self._captured.append(name)
                if self._handler is not None:
                    logging.getLogger(name).addHandler(self._handler)

    def tracer(self, span_context: SpanContext | None = None) -> Tracer:
        """Begin an operation: a new one, or the part of a caller's that happens here. It becomes the current one."""
        return Tracer(self._instruments, span_context or SpanContext.new_trace(self._sources.ids.trace_id))

    def untraced(self) -> Tracer:
        """Begin an operation of which nothing is recorded. It becomes the current one."""
        return Tracer(self._instruments, SpanContext(trace_options=UNSAMPLED, from_header=True), measured=False)

    def caller_context(self, headers: dict[str, str]) -> SpanContext:
        """The context that a caller sent along in its headers, or that of a new trace."""
        context: SpanContext = self._instruments.propagator.from_headers(headers)
        return context

    @contextmanager
    def operation(self, name: str = "") -> Generator[Tracer]:
        """The current operation, or a new one of this name that ends with the block."""
        tracer = current_tracer()
        if tracer is not None:
            yield tracer
            return
        outside, span = CURRENT_TRACER.get(None), CURRENT_SPAN.get(None)
        CURRENT_SPAN.set(None)
        try:
            tracer = self.tracer()
            tracer.span_context.operation_name = name
            yield tracer
        finally:
            CURRENT_TRACER.set(outside or NoopTracer())
            CURRENT_SPAN.set(span)

    @contextmanager
    def _span(self, name: str) -> Generator[Span]:
        with self.operation(name) as tracer, tracer.span(name) as span:
            yield span

    def _open_exporters(self) -> None:
        """Fill the fan-outs: with what a test has given, or else with the destinations' exporters."""
        if any(self._replacements):
            self._spans.exporters, self._logs.exporters, self._metrics.exporters = (
                (given,) if given else () for given in self._replacements
            )
        else:
            settings = self.settings
            for connection in settings.connections:
                self._destinations.append(Destination(settings, connection, self.origin, self._sources.clock))
            self._spans.exporters = tuple(destination.spans for destination in self._destinations)
            self._logs.exporters = tuple(destination.envelopes for destination in self._destinations)
            self._metrics.exporters = self._logs.exporters
        if self.settings.console:
            self._spans.exporters += (PrintExporter(),)

    def _start_metrics(self) -> None:
        report = MetricReport(self._aggregates, self.origin, self._sources.clock)
        self._reporter = MetricReporter(report, self.settings.metrics_period_s, self._metrics.export)
        self._aggregates.reset()
        self._aggregates.is_open = True
        self._instruments.measure = self._meter.measure
        self._reporter.start()

    def _detach_handler(self) -> None:
        if self._handler is not None:
            for name in self._captured:
                logging.getLogger(name).removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _watch_forks(self) -> None:
        """Have this telemetry started anew in every process that is forked from this one."""
        if self._knows_of_forks:
            return
        self._knows_of_forks = True
        reference = weakref.ref(self)

        def in_child() -> None:
            telemetry = reference()
            if telemetry is not None:
                telemetry._start_in_child()  # noqa: SLF001, its own

        os.register_at_fork(after_in_child=in_child)
        multiprocessing.util.register_after_fork(self, _close_with_process)

    def _start_in_child(self) -> None:
        """Leave to the parent what is the parent's: its threads, its queues, whatever it has measured."""
        was_started, self._is_started = self._is_started, False
        self._lock = threading.Lock()
        self._reporter = None
        for destination in self._destinations:
            destination.abandon()
        self._destinations.clear()
        self._detach_handler()
        atexit.unregister(self.close)
        if was_started:
            self.start()


def _close_with_process(telemetry: Telemetry) -> None:
    """Have telemetry closed at the end of a child of multiprocessing, which ends without the functions of atexit."""
    multiprocessing.util.Finalize(telemetry, telemetry.close, exitpriority=0)
