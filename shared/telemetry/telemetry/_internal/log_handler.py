"""The logging handler, which replaces OpenCensus' AzureLogHandler."""

import logging
import threading
import weakref
from collections.abc import Callable

from opencensus.trace import execution_context

from telemetry._internal.envelopes.envelopes import OperationContext, Resource, log_envelope, record_exception
from telemetry._internal.errors import report_once
from telemetry._internal.exporter import Exporter
from telemetry._internal.formatting import safe_text
from telemetry._internal.internal_errors import log_internal_error
from telemetry._internal.tracing.span_context import operation_name
from telemetry._internal.tracing.tracing import current_operation_id, current_tracer

_EXPORTING_LIBRARIES = ("telemetry", "opencensus", "urllib3", "requests")


class LogHandler(logging.Handler):
    """Converts a record to an envelope in the thread that logs it, with the arguments and the span of that time.

    AzureLogHandler converts records later, in its own thread. It makes every log call raise on Python 3.13, sets the
    parent of a record to an id that no request has, and exports the log records of a failed export. This handler
    ignores the records of the exporting threads and of the libraries that they use. It also ignores the records of an
    unsampled operation, except that their exceptions are counted. A record whose exception has been reported in the
    same operation is exported as a message.

    Args:
        exporter: Receives the envelopes.
        resource: The resource of the envelopes.
        count_exception: Called for every record that reports an exception.
    """

    def __init__(
        self, exporter: Exporter, resource: Resource, count_exception: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._exporter = exporter
        self._resource = resource
        self._count_exception = count_exception
        self._thread = threading.local()

    def handle(self, record: logging.LogRecord) -> bool:
        """Handle a record that is exported and that this handler has not handled yet."""
        if safe_text(record.name).partition(".")[0] in _EXPORTING_LIBRARIES or execution_context.is_exporter():
            return False
        # A parent or a child of the logger may be captured as well: then the thread passes the same record again. A
        # mark on the record would be visible to the application's handlers, and could not be pickled.
        latest = getattr(self._thread, "record", None)
        if latest is not None and latest() is record:
            return False
        self._thread.record = weakref.ref(record)
        return super().handle(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Export a record."""
        try:
            error = record_exception(record)
            if error is not None and not report_once(error, current_operation_id(), self._exporter):
                error = None
            if error is not None and self._count_exception is not None:
                self._count_exception()
            context = current_operation_context()
            if context is not None:
                message = self._message(record)
                self._exporter.export([log_envelope(record, message, error, context, self._resource)])
        except Exception:  # noqa: BLE001, no error of the library may reach the application
            log_internal_error("exporting a log record")

    def _message(self, record: logging.LogRecord) -> str:
        """Return the text of a record; the text without its arguments when these do not match it."""
        try:
            return self.format(record) if self.formatter else record.getMessage()
        except Exception:  # noqa: BLE001, code of the application can raise anything
            return f"{safe_text(record.msg)} {safe_text(record.args)}"


def current_operation_context() -> OperationContext | None:
    """Return the current operation and span; an empty context outside operations; None when it is not sampled."""
    tracer = current_tracer()
    if tracer is None:
        return OperationContext()
    context = tracer.span_context
    if not context.trace_options.enabled:
        return None
    return OperationContext(context.trace_id, context.span_id, operation_name(context))
