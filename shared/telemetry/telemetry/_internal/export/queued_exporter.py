"""The base of the exporters: a queue, OpenCensus' exporting thread, and a transport; and the exporter of envelopes."""

import atexit
import logging
import os
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from telemetry._internal._opencensus import BaseExporter
from telemetry._internal.envelopes.envelopes import Envelope
from telemetry._internal.export.batch_queue import BatchQueue
from telemetry._internal.export.drop_reporter import DropReporter
from telemetry._internal.export.transport import ExportOptions, Transport

logger = logging.getLogger(__name__)

_VARIABLE = "APPLICATIONINSIGHTS_CONNECTION_STRING"


class QueuedExporter:
    """Queues items; a thread converts them to envelopes and sends them.

    It is a mixin for an exporter of OpenCensus, whose constructor starts the thread: create one per process and
    destination, after a fork.
    """

    _worker: Any

    def prepare(self, options: ExportOptions) -> None:
        """Set up the state. Must be called before the constructor of OpenCensus' exporter, which starts the thread."""
        self._options = options
        self._drop_reporter = DropReporter(options.clock)
        self._transport = Transport(options, self._drop_reporter)
        self._reported_drops = 0

    @property
    def _queue(self) -> BatchQueue:
        return self._batches

    @_queue.setter
    def _queue(self, _opencensus_queue: object) -> None:
        # OpenCensus' exporter creates its queue in its constructor and passes it to its thread. Replacing the assigned
        # value is the only way to use another queue.
        self._batches = BatchQueue(self._options.queue_capacity)

    def to_envelopes(self, items: Iterable[Any]) -> list[Envelope]:
        """Convert queued items to envelopes without an instrumentation key."""
        raise NotImplementedError

    def emit(self, batch: Sequence[Any], event: Any = None) -> None:  # noqa: ANN401, OpenCensus' signature
        """Send one batch from the queue, then stored files until the next batch is full. Called by the thread."""
        try:
            self._report_drops()
            self._transport.send_or_store(self._with_key(batch))
            self._transport.send_stored(lambda: len(self._batches) < self._options.max_batch_size)
        except Exception:
            logger.exception("Telemetry failed while exporting a batch of %d items", len(batch))
        finally:
            if event is not None:
                event.set()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything queued so far has been sent or stored; return False after `timeout_s` seconds."""
        return self._worker.is_alive() and self._batches.flush(timeout_s)

    def begin_close(self, deadline: float) -> None:
        """Signal the thread to send the queue and to end before `deadline` (seconds of the monotonic clock)."""
        self._transport.deadline = deadline
        self._batches.put(self._batches.EXIT_EVENT)

    def end_close(self) -> None:
        """Wait for the thread until the deadline, then store what it has not sent."""
        deadline = self._transport.deadline or 0.0
        if not self._batches.EXIT_EVENT.wait(max(deadline - time.monotonic(), 0.0)):
            self._transport.store([*self._transport.pop_in_flight(), *self._with_key(self._batches.drain())])
        self._transport.close()
        self._report_drops()
        self._drop_reporter.flush()
        self.abandon()

    def abandon(self) -> None:
        """Remove the exit handler, after a close or in a forked process, which does not have the thread."""
        atexit.unregister(self._worker.stop)

    def _with_key(self, items: Sequence[Any]) -> list[Envelope]:
        key = self._options.connection.instrumentation_key
        return [{**envelope, "iKey": key} for envelope in self.to_envelopes(items)]

    def _report_drops(self) -> None:
        dropped = self._batches.dropped
        self._drop_reporter.add(dropped - self._reported_drops, "the queue was full")
        self._reported_drops = dropped


class EnvelopeExporter(QueuedExporter, BaseExporter):  # type: ignore[misc]
    """The exporter of log records, events and metrics, which are envelopes when they are queued.

    It replaces AzureLogHandler, which queues log records and formats them later, when their arguments may have changed
    and their span has ended.
    """

    def __init__(self, options: ExportOptions) -> None:
        self.prepare(options)
        with opencensus_options(options) as arguments:
            super().__init__(**arguments)

    def to_envelopes(self, items: Iterable[Envelope]) -> list[Envelope]:
        """Return the envelopes unchanged."""
        return list(items)


@contextmanager
def opencensus_options(options: ExportOptions) -> Generator[dict[str, Any]]:
    """Yield the constructor arguments of an exporter of OpenCensus, which has to be created inside the block.

    OpenCensus reads the connection string from the environment even when it is passed one, and fails on a trailing
    semicolon in it. The variable is removed inside the block; `TelemetrySettings` has already read it.
    """
    hidden = os.environ.pop(_VARIABLE, None)
    try:
        yield {
            "connection_string": str(options.connection),
            "enable_local_storage": False,
            "export_interval": options.export_interval_s,
            "max_batch_size": options.max_batch_size,
            "queue_capacity": options.queue_capacity,
        }
    finally:
        if hidden is not None:
            os.environ[_VARIABLE] = hidden
