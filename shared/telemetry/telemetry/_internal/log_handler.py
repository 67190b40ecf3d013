"""The handler of logs: in the place of OpenCensus' AzureLogHandler."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from opencensus.trace import execution_context

from telemetry._internal.envelopes.envelopes import Envelope, OperationContext, Resource, log_envelope
from telemetry._internal.internal_errors import report_failure
from telemetry._internal.tracing.span_context import operation_name
from telemetry._internal.tracing.tracing import current_tracer

_OWN_LOGGERS = ("telemetry", "opencensus", "urllib3", "requests")


class EnvelopeSink(Protocol):
    """Takes envelopes."""

    def export(self, envelopes: Sequence[Envelope]) -> None:
        """Take envelopes."""


class LogHandler(logging.Handler):
    """Turns a record into an envelope where it is recorded: there its arguments and its span are what they are.

    AzureLogHandler does so in its thread, later; it makes every log call raise on Python 3.13, gives a record a parent
    that no request has, and answers a failed delivery with more logs. What the exporting threads and the libraries
    beneath them log is left out here. A record of an operation that is not sampled is left out with it; its exception
    counts all the same.

    Args:
        sink: Takes the envelopes.
        origin: What all of them have in common.
        count_exception: Is called for every record that carries an exception.
    """

    def __init__(self, sink: EnvelopeSink, origin: Resource, count_exception: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._sink = sink
        self._origin = origin
        self._count_exception = count_exception

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be taken, once."""
        if record.name.partition(".")[0] in _OWN_LOGGERS or execution_context.is_exporter():
            return False
        # A parent of the logger, or a child, may be captured as well.
        return getattr(record, "telemetry_taken", None) is not self and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        try:
            record.telemetry_taken = self
            if self._count_exception is not None and record.exc_info and record.exc_info[1]:
                self._count_exception()
            place = current_place()
            if place is not None:
                message = self.format(record) if self.formatter else record.getMessage()
                self._sink.export([log_envelope(record, message, place, self._origin)])
        except Exception:  # noqa: BLE001, whatever it is, it is not the application's
            report_failure("taking a log record")


def current_place() -> OperationContext | None:
    """Where the code that asks is at work; None when that operation is not sampled."""
    tracer = current_tracer()
    if tracer is None:
        return OperationContext()
    context = tracer.span_context
    if not context.trace_options.enabled:
        return None
    return OperationContext(context.trace_id, context.span_id, operation_name(context))
