"""One process's telemetry: made once, started after the fork, closed before the exit."""

import atexit
import logging
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self, TypeVar

from opencensus.trace.print_exporter import PrintExporter
from opencensus.trace.samplers import ProbabilitySampler
from opencensus.trace.span_data import SpanData
from opencensus.trace.tracers.noop_tracer import NoopTracer

from telemetry.current import CURRENT_SPAN, CURRENT_TRACER
from telemetry.envelopes import Origin
from telemetry.log_handler import CorrelatedHandler, ForwardingHandler, LogExporter, LogHandler
from telemetry.propagation import Propagator
from telemetry.settings import TelemetrySettings
from telemetry.span_context import UNSAMPLED, SpanContext
from telemetry.span_exporter import SpanExporter
from telemetry.stock import utils
from telemetry.storage import Storage
from telemetry.tracing import ParentBasedSampler, Span, Tracer, current_tracer
from telemetry.transport import Delivery, Endpoint

_E = TypeVar("_E", SpanExporter, LogHandler)


class Exporter(Protocol):
    """Takes spans as they end; OpenCensus' exporters do."""

    def export(self, span_datas: Sequence[SpanData]) -> None:
        """Take spans."""


class _Exporters:
    """Hands spans to any number of exporters; to none before the start and after the end."""

    def __init__(self) -> None:
        self.all: tuple[Exporter, ...] = ()

    def export(self, span_datas: Sequence[SpanData]) -> None:
        for exporter in self.all:
            exporter.export(span_datas)


class Telemetry:
    """Spans and logs of one role, on their way to Application Insights.

    Made at import or later, it does nothing until `start`: trace context is passed on, nothing is recorded. `start` and
    `close` may be repeated in turn. A process that forks starts it in each child.

    Args:
        settings: Who this is, and where telemetry goes.
        span_exporter: Takes the spans instead of Application Insights; for tests.
        log_exporter: Takes the envelopes of log records instead of Application Insights; for tests.
    """

    def __init__(
        self,
        settings: TelemetrySettings,
        *,
        span_exporter: Exporter | None = None,
        log_exporter: LogExporter | None = None,
    ) -> None:
        self.settings = settings
        self._replaced_span_exporter = span_exporter
        self._replaced_log_exporter = log_exporter
        self._sampler = ParentBasedSampler(ProbabilitySampler(settings.sampling_rate))
        self._propagator = Propagator()
        self._exporters = _Exporters()
        self._captured: list[str] = []
        self._handler: CorrelatedHandler | None = None
        self._to_close: list[SpanExporter | LogHandler] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start exporting; after a fork, never before. Does not wait for the network. Does nothing when started."""
        with self._lock:
            if self._exporters.all:
                return
            origin = self._origin()
            delivery = self._delivery()
            exporters = [self._replaced_span_exporter or self._closed_later(SpanExporter(delivery, origin))]
            if self.settings.console:
                exporters.append(PrintExporter())
            if self._replaced_log_exporter is None:
                self._handler = self._closed_later(LogHandler(delivery, origin))
            else:
                self._handler = ForwardingHandler(self._replaced_log_exporter, origin)
            for name in self._captured:
                logging.getLogger(name).addHandler(self._handler)
            self._exporters.all = tuple(exporters)
            atexit.register(self.close)

    def close(self, timeout_s: float = 5.0) -> None:
        """Send what is waiting; keep on disk, for the role's next start, what cannot be sent within `timeout_s`.

        Safe to repeat, and from any thread. It blocks: on an event loop, run it in a thread.
        """
        with self._lock:
            self._exporters.all = ()
            if self._handler is not None:
                for name in self._captured:
                    logging.getLogger(name).removeHandler(self._handler)
                self._handler.close()
                self._handler = None
            deadline = time.monotonic() + timeout_s
            for exporter in self._to_close:
                exporter.begin_close(deadline)
            for exporter in self._to_close:
                exporter.end_close()
            self._to_close.clear()
            atexit.unregister(self.close)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def span(self, name: str) -> Generator[Span]:
        """Trace a piece of work inside this process; attributes go to the span that the block is given.

        Outside any operation it begins one, which ends with the block.
        """
        with self.operation() as tracer, tracer.span(name) as span:
            yield span

    def capture_logs(self, *logger_names: str) -> None:
        """Send what these loggers (and those below them) record, correlated with the span that was current.

        Levels and propagation stay as they are. The root logger cannot be captured: everything ends up there, the
        libraries beneath this one included.

        Raises:
            ValueError: A name is empty or `root`.
        """
        for name in logger_names:
            if name in {"", "root"}:
                message = "expected the names of the application's own loggers, not the root logger's"
                raise ValueError(message)
            if name not in self._captured:
                self._captured.append(name)
                if self._handler is not None:
                    logging.getLogger(name).addHandler(self._handler)

    def tracer(self, span_context: SpanContext | None = None) -> Tracer:
        """Begin an operation: a new one, or the part of a caller's that happens here. It becomes the current one."""
        return Tracer(span_context or SpanContext.new_trace(), self._sampler, self._exporters, self._propagator)

    def untraced(self) -> Tracer:
        """Begin an operation of which nothing is recorded. It becomes the current one."""
        return self.tracer(SpanContext(trace_options=UNSAMPLED, from_header=True))

    def caller_context(self, headers: dict[str, str]) -> SpanContext:
        """The context that a caller sent along in its headers, or that of a new trace."""
        return self._propagator.from_headers(headers)

    @contextmanager
    def operation(self) -> Generator[Tracer]:
        """The current operation, or a new one that ends with the block."""
        tracer = current_tracer()
        if tracer is not None:
            yield tracer
            return
        outside, span = CURRENT_TRACER.get(None), CURRENT_SPAN.get(None)
        CURRENT_SPAN.set(None)
        try:
            yield self.tracer()
        finally:
            CURRENT_TRACER.set(outside or NoopTracer())
            CURRENT_SPAN.set(span)

    def _closed_later(self, exporter: _E) -> _E:
        self._to_close.append(exporter)
        return exporter

    def _origin(self) -> Origin:
        settings = self.settings
        tags = {name: str(value) for name, value in utils.azure_monitor_context.items() if value is not None}
        tags |= {"ai.cloud.role": settings.role, "ai.cloud.roleInstance": settings.role_instance}
        return Origin(settings.connection.instrumentation_key, tags, settings.sampling_rate)

    def _delivery(self) -> Delivery:
        settings = self.settings
        folder = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in settings.role)
        return Delivery(
            connection=settings.connection,
            endpoint=Endpoint(settings.connection.ingestion_endpoint),
            storage=Storage(settings.storage_dir / f"role-{folder}"),
            retry_interval_s=settings.retry_interval_s,
            export_interval_s=settings.export_interval_s,
        )
