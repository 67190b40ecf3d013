"""The handler of logs: OpenCensus' AzureLogHandler, mended."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from opencensus.trace import execution_context

from telemetry.envelopes import Envelope, Origin, log_envelope
from telemetry.guard import report_failure
from telemetry.options import exporter_options
from telemetry.stock import AzureLogHandler
from telemetry.tracing import current_tracer
from telemetry.transport import Delivery, ReliableTransport

_OWN_LOGGERS = ("telemetry", "opencensus", "urllib3", "requests")


class LogExporter(Protocol):
    """Takes the envelopes of log records."""

    def export(self, envelopes: Sequence[Envelope]) -> None:
        """Take envelopes."""


class CorrelatedHandler(logging.Handler):
    """Turns a record into an envelope where it is recorded: there its arguments and its span are what they are.

    What the exporting thread and the libraries beneath it log is left out, or every delivery would cause another.
    A record of an operation that is not sampled is left out with it.
    """

    _origin: Origin

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be exported, once."""
        if record.name.partition(".")[0] in _OWN_LOGGERS or execution_context.is_exporter():
            return False
        if getattr(record, "telemetry_taken", None) is self:
            return False  # by a parent of the logger, or a child, that is captured as well
        tracer = current_tracer()
        return (tracer is None or tracer.span_context.trace_options.enabled) and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        try:
            tracer = current_tracer()
            context = tracer.span_context if tracer else None
            envelope = log_envelope(
                record,
                self.format(record) if self.formatter else record.getMessage(),
                context.trace_id if context else None,
                context.span_id if context else None,
                self._origin,
            )
            record.telemetry_taken = self
            self.take(envelope)
        except Exception:  # noqa: BLE001, whatever it is, it is not the application's
            report_failure("taking a log record")

    def take(self, envelope: Envelope) -> None:
        """Take an envelope."""
        raise NotImplementedError


class ForwardingHandler(CorrelatedHandler):
    """Hands envelopes to an exporter at once."""

    def __init__(self, exporter: LogExporter, origin: Origin) -> None:
        super().__init__()
        self._exporter = exporter
        self._origin = origin

    def take(self, envelope: Envelope) -> None:
        """Take an envelope."""
        self._exporter.export([envelope])


class LogHandler(CorrelatedHandler, ReliableTransport, AzureLogHandler):  # type: ignore[misc]
    """AzureLogHandler that correlates, loses nothing, and works on every Python.

    The constructor starts the exporting thread: make one a process, after the fork.
    """

    def __init__(self, delivery: Delivery, origin: Origin) -> None:
        self._origin = origin
        self.prepare(delivery)
        with exporter_options(delivery) as options:
            super().__init__(**options)

    def createLock(self) -> None:  # noqa: N802, the name is logging's
        """Make a lock. AzureLogHandler makes none, and Python 3.13 fails in every log call for it."""
        logging.Handler.createLock(self)

    def take(self, envelope: Envelope) -> None:
        """Queue an envelope."""
        self._queue.put(envelope)

    def envelopes_of(self, items: Iterable[Envelope]) -> list[Envelope]:
        """The envelopes themselves: they were made when the records were."""
        return list(items)

    def _export(self, batch: Sequence[Envelope], event: Any = None) -> None:  # noqa: ANN401
        self.export_batch(batch, event)

    def flush(self, timeout: float | None = None) -> None:
        """Send what has been recorded so far."""
        if self._worker.is_alive():
            self._queue.flush(timeout or self.options.grace_period)

    def close(self, timeout: float | None = None) -> None:  # noqa: ARG002
        """Take the handler out of logging's list of handlers to close at exit."""
        logging.Handler.close(self)
