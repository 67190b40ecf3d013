"""The class `Telemetry`: the tracing, logging and metrics of one process."""

import atexit
import logging
import multiprocessing.util
import os
import threading
import time
import weakref
from collections.abc import Generator, Mapping
from types import TracebackType
from typing import Self

from opencensus.trace.print_exporter import PrintExporter
from opencensus.trace.samplers import ProbabilitySampler
from opencensus.trace.tracers.noop_tracer import NoopTracer

from telemetry._internal.envelopes.envelopes import Event, event_envelope, exception_envelope
from telemetry._internal.errors import report_once
from telemetry._internal.export.destination import Destination, process_resource
from telemetry._internal.exporter import Exporter, FanOut
from telemetry._internal.ids_and_clock import SYSTEM_CLOCK, Clock, IdGenerator, RandomIdGenerator
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.log_handler import LogHandler, current_operation_context
from telemetry._internal.metrics.aggregates import Aggregates
from telemetry._internal.metrics.custom import Metric
from telemetry._internal.metrics.report import MetricReport, MetricReporter
from telemetry._internal.metrics.standard import StandardMetricsRecorder
from telemetry._internal.tracing.async_context_decorator import AsyncContextDecorator
from telemetry._internal.tracing.propagation import Propagator
from telemetry._internal.tracing.span_context import CURRENT_SPAN, CURRENT_TRACER, UNSAMPLED, SpanContext
from telemetry._internal.tracing.tracing import (
    ParentBasedSampler,
    Span,
    Tracer,
    TracingConfig,
    current_operation_id,
    current_tracer,
)
from telemetry._internal.transparent_context import transparent_context
from telemetry.settings import TelemetrySettings


class Telemetry:
    """Exports spans, logs, events and metrics of one role to Application Insights.

    It can be created at import: until `start`, trace context is propagated, but nothing is recorded. `start` and
    `close` may be called repeatedly. In a process that is forked while it is started, it starts again.

    Args:
        settings: Role, destinations and intervals.
        span_exporter: Receives the spans (`SpanData`). This argument and the next two are for tests: if one of them is
            passed, nothing is sent. `telemetry.testing` has exporters that store what they receive.
        log_exporter: Receives the envelopes of log records and events.
        metric_exporter: Receives the envelopes of metrics. If only another exporter is passed, no metrics are recorded.
        clock: Provides the time; by default the module `time`.
        id_generator: Generates trace and span ids; by default random ones.
    """

    def __init__(  # noqa: PLR0913, all arguments after the first are for tests
        self,
        settings: TelemetrySettings,
        *,
        span_exporter: Exporter | None = None,
        log_exporter: Exporter | None = None,
        metric_exporter: Exporter | None = None,
        clock: Clock = SYSTEM_CLOCK,
        id_generator: IdGenerator | None = None,
    ) -> None:
        self.settings = settings
        self._test_exporters = (span_exporter, log_exporter, metric_exporter)
        self._clock = clock
        self._id_generator = id_generator or RandomIdGenerator()
        self.resource = process_resource(settings)
        """The attributes that all envelopes share; computed again by every start, as the process may have forked."""
        self._spans, self._logs, self._metrics = FanOut(), FanOut(), FanOut()
        self._tracing_config = TracingConfig(
            sampler=ParentBasedSampler(ProbabilitySampler(settings.sampling_rate)),
            propagator=Propagator(self._id_generator.generate_trace_id),
            exporter=self._spans,
            clock=clock,
            id_generator=self._id_generator,
            error_text=self.resource.error_text,
        )
        self._aggregates = Aggregates()
        self._standard_metrics = StandardMetricsRecorder(self._aggregates)
        self._custom_metrics: dict[str, Metric] = {}
        self._captured_loggers: list[str] = []
        self._handler: LogHandler | None = None
        self._reporter: MetricReporter | None = None
        self._destinations: list[Destination] = []
        self._lock = threading.Lock()
        self._is_started = False
        self._has_fork_hooks = False

    def start(self) -> None:
        """Start exporting, without waiting for the network or the disk. Does nothing when already started."""
        with self._lock, handle_internal_errors("starting"):
            if self._is_started:
                return
            self._is_started = True
            self.resource = process_resource(self.settings)
            self._open_exporters()
            if self._metrics.exporters and self.settings.metrics_period_s > 0:
                with handle_internal_errors("starting metrics"):
                    self._start_metrics()
            self._handler = LogHandler(self._logs, self.resource, self._standard_metrics.count_exception)
            for name in self._captured_loggers:
                logging.getLogger(name).addHandler(self._handler)
            atexit.register(self.close)
            self._register_fork_hooks()

    def close(self, timeout_s: float = 5.0) -> None:
        """Send what is queued; store what cannot be sent within `timeout_s` for the role's next start.

        May be called repeatedly and from any thread. It blocks: with an event loop, call it in a thread.
        """
        with self._lock:
            deadline = time.monotonic() + timeout_s
            self._is_started = False
            self._spans.exporters = ()
            self._detach_handler()
            self._tracing_config.on_span_end = None
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
        """Wait until everything recorded so far, except metrics, has been sent or stored on disk.

        Returns:
            False when it took longer than `timeout_s`.
        """
        return sum(not destination.flush(timeout_s) for destination in self._destinations) == 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def span(self, name: str) -> AsyncContextDecorator[Span]:
        """Trace work inside this process, as a `with` block or as the decorator of a function or coroutine.

        The block receives the span, to set attributes. Outside an operation, the span starts one with the same name,
        which ends with the span.
        """
        return AsyncContextDecorator(lambda: self._span(name))

    def event(
        self,
        name: str,
        properties: Mapping[str, object] | None = None,
        measurements: Mapping[str, float] | None = None,
    ) -> None:
        """Record a custom event of the application, such as an order that was placed.

        It belongs to the current span, and is sampled with it.

        Args:
            name: The name of the event; use few names and distinguish events by properties.
            properties: Values to search and group by, recorded as text.
            measurements: Numbers to chart. Values that are no finite number are dropped.
        """
        with handle_internal_errors("recording an event"):
            context = current_operation_context()
            if context is not None and self._logs.exporters:
                time_ns = self._clock.time_ns()
                event = Event(name, properties or {}, measurements or {})
                self._logs.export([event_envelope(event, time_ns, context, self.resource)])

    def record_exception(self, error: BaseException) -> None:
        """Record an exception that no request and no log record reports, such as that of a task after the response.

        It belongs to the current span, and is sampled with it. An exception that the current operation has
        reported already is not recorded again.
        """
        with handle_internal_errors("recording an exception"):
            if not self.report_once(error, current_operation_id()):
                return
            self._standard_metrics.count_exception()
            context = current_operation_context()
            if context is not None and self._logs.exporters:
                self._logs.export([exception_envelope(error, self._clock.time_ns(), context, self.resource)])

    def report_once(self, error: BaseException, operation_id: str | None) -> bool:
        """Return True if an exception has not been reported in this operation yet, and mark it as reported."""
        return report_once(error, operation_id, self._logs)

    def metric(self, name: str) -> Metric:
        """Return the metric of this name, for example to call `telemetry.metric("queue length").record(7)`."""
        return self._custom_metrics.setdefault(name, Metric(name, self._aggregates))

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
                message = "the root logger cannot be captured; expected the names of the application's loggers"
                raise ValueError(message)
            if level is not None:
                logging.getLogger(name).setLevel(level)
            if name not in self._captured_loggers:
                self._captured_loggers.append(name)
                if self._handler is not None:
                    logging.getLogger(name).addHandler(self._handler)

    def tracer(self, span_context: SpanContext | None = None) -> Tracer:
        """Start an operation and make it the current one: a new one, or this service's part of a caller's operation."""
        context = span_context or SpanContext.new_trace(self._id_generator.generate_trace_id)
        return Tracer(self._tracing_config, context)

    def untraced(self) -> Tracer:
        """Start an operation of which nothing is recorded, and make it the current one."""
        return Tracer(self._tracing_config, SpanContext(trace_options=UNSAMPLED, from_header=True), in_metrics=False)

    def caller_context(self, headers: dict[str, str]) -> SpanContext:
        """Return the trace context of a caller's headers, or that of a new trace."""
        context: SpanContext = self._tracing_config.propagator.from_headers(headers)
        return context

    @transparent_context
    def operation(self, name: str = "") -> Generator[Tracer]:
        """Yield the tracer of the current operation, or of a new one of this name that ends with the block."""
        tracer = current_tracer()
        if tracer is not None:
            yield tracer
            return
        outer_tracer, outer_span = CURRENT_TRACER.get(None), CURRENT_SPAN.get(None)
        CURRENT_SPAN.set(None)
        try:
            tracer = self.tracer()
            tracer.span_context.operation_name = name
            yield tracer
        finally:
            CURRENT_TRACER.set(outer_tracer or NoopTracer())
            CURRENT_SPAN.set(outer_span)

    @transparent_context
    def _span(self, name: str) -> Generator[Span]:
        with self.operation(name) as tracer, tracer.span(name) as span:
            yield span

    def _open_exporters(self) -> None:
        """Connect the fan-outs with the exporters of a test, or with those of the destinations."""
        if any(self._test_exporters):
            self._spans.exporters, self._logs.exporters, self._metrics.exporters = (
                (exporter,) if exporter else () for exporter in self._test_exporters
            )
        else:
            for connection in self.settings.connections:
                self._destinations.append(Destination(self.settings, connection, self.resource, self._clock))
            self._spans.exporters = tuple(destination.spans for destination in self._destinations)
            self._logs.exporters = tuple(destination.envelopes for destination in self._destinations)
            self._metrics.exporters = self._logs.exporters
        if self.settings.console:
            self._spans.exporters += (PrintExporter(),)

    def _start_metrics(self) -> None:
        report = MetricReport(self._aggregates, self.resource, self._clock)
        self._reporter = MetricReporter(report, self.settings.metrics_period_s, self._metrics.export)
        self._aggregates.reset()
        self._aggregates.is_open = True
        self._tracing_config.on_span_end = self._standard_metrics.record
        self._reporter.start()

    def _detach_handler(self) -> None:
        if self._handler is not None:
            for name in self._captured_loggers:
                logging.getLogger(name).removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _register_fork_hooks(self) -> None:
        """Register hooks that start this telemetry again in every process forked from this one."""
        if self._has_fork_hooks:
            return
        self._has_fork_hooks = True
        reference = weakref.ref(self)

        def in_child() -> None:
            telemetry = reference()
            if telemetry is not None:
                telemetry._start_in_child()  # noqa: SLF001, a method of this class

        os.register_at_fork(after_in_child=in_child)
        multiprocessing.util.register_after_fork(self, _close_with_process)

    def _start_in_child(self) -> None:
        """Discard the parent process's threads, queues and measurements, and start again."""
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
    """Close telemetry at the end of a child process of multiprocessing, which does not run the hooks of atexit."""
    multiprocessing.util.Finalize(telemetry, telemetry.close, exitpriority=0)
