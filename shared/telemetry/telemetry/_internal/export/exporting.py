"""What the exporters of spans and of envelopes have in common: a queue, a thread of OpenCensus', a transport."""

import atexit
import logging
import os
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from telemetry._internal.envelopes.envelopes import Envelope
from telemetry._internal.export.batch_queue import BatchQueue
from telemetry._internal.export.drop_reporter import DropReporter
from telemetry._internal.export.transport import ExportOptions, Transport

logger = logging.getLogger(__name__)

_VARIABLE = "APPLICATIONINSIGHTS_CONNECTION_STRING"


class QueuedExporter:
    """Takes items into a queue, from which a thread makes envelopes and delivers them.

    It is mixed into an exporter of OpenCensus, whose constructor starts the thread: make one a process and destination,
    after the fork.
    """

    _worker: Any

    def prepare(self, delivery: ExportOptions) -> None:
        """Set up the state, before the constructor of OpenCensus' exporter is called: it starts the thread."""
        self._delivery = delivery
        self._losses = DropReporter(delivery.clock)
        self._transport = Transport(delivery, self._losses)
        self._reported_drops = 0

    @property
    def _queue(self) -> BatchQueue:
        return self._batches

    @_queue.setter
    def _queue(self, _stock: object) -> None:
        # OpenCensus' exporter makes its own queue in its constructor and hands it to its thread; this is the only seam.
        self._batches = BatchQueue(self._delivery.queue_capacity)

    def envelopes_of(self, items: Iterable[Any]) -> list[Envelope]:
        """The envelopes of queued items, still without an instrumentation key."""
        raise NotImplementedError

    def emit(self, batch: Sequence[Any], event: Any = None) -> None:  # noqa: ANN401, OpenCensus' signature
        """Deliver one batch from the queue, then what waits on disk unless the next batch does. For the thread."""
        try:
            self._report_drops()
            self._transport.deliver(self._keyed(batch))
            self._transport.deliver_stored(lambda: len(self._batches) < self._delivery.max_batch_size)
        except Exception:
            logger.exception("Telemetry failed while exporting a batch of %d items", len(batch))
        finally:
            if event is not None:
                event.set()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything queued so far has been sent or kept on disk; False when there was not the time."""
        return self._worker.is_alive() and self._batches.flush(timeout_s)

    def begin_close(self, deadline: float) -> None:
        """Ask the thread to send what is queued and to end, by `deadline` (monotonic clock, seconds)."""
        self._transport.deadline = deadline
        self._batches.put(self._batches.EXIT_EVENT)

    def end_close(self) -> None:
        """Wait for the thread until the deadline, then keep on disk what it has not sent."""
        deadline = self._transport.deadline or 0.0
        if not self._batches.EXIT_EVENT.wait(max(deadline - time.monotonic(), 0.0)):
            self._transport.keep([*self._transport.take_in_flight(), *self._keyed(self._batches.drain())])
        self._transport.close()
        self._report_drops()
        self._losses.say_the_rest()
        self.abandon()

    def abandon(self) -> None:
        """Let nothing happen at exit: the exporter is closed, or it is that of the process this one was forked from."""
        atexit.unregister(self._worker.stop)

    def _keyed(self, items: Sequence[Any]) -> list[Envelope]:
        key = self._delivery.connection.instrumentation_key
        return [{**envelope, "iKey": key} for envelope in self.envelopes_of(items)]

    def _report_drops(self) -> None:
        dropped = self._batches.dropped
        self._losses.add(dropped - self._reported_drops, "the queue was full")
        self._reported_drops = dropped


@contextmanager
def exporter_options(delivery: ExportOptions) -> Generator[dict[str, Any]]:
    """Options for the constructor of an exporter of OpenCensus, to be called inside the block.

    OpenCensus reads the connection string's variable even when it is told another, and fails for a trailing semicolon
    in it. It is hidden meanwhile: the settings have read it already, and more leniently.
    """
    hidden = os.environ.pop(_VARIABLE, None)
    try:
        yield {
            "connection_string": str(delivery.connection),
            "enable_local_storage": False,
            "export_interval": delivery.export_interval_s,
            "max_batch_size": delivery.max_batch_size,
            "queue_capacity": delivery.queue_capacity,
        }
    finally:
        if hidden is not None:
            os.environ[_VARIABLE] = hidden
