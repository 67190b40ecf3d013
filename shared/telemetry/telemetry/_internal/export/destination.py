"""One place that telemetry is sent to."""

import hashlib
import os
import platform

from telemetry._internal._opencensus import utils
from telemetry._internal.connection_string import Connection
from telemetry._internal.envelopes.envelopes import Resource
from telemetry._internal.errors import text_without_values
from telemetry._internal.export.envelope_exporter import EnvelopeExporter
from telemetry._internal.export.span_exporter import SpanExporter
from telemetry._internal.export.storage import Storage
from telemetry._internal.export.transport import Endpoint, ExportOptions
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.tracing.ids_and_clock import Clock
from telemetry.settings import TelemetrySettings


class Destination:
    """An ingestion endpoint with queues, threads and a folder of its own, so that no other place waits for it.

    Making it starts two threads: one for spans, one for what is an envelope already.
    """

    def __init__(self, settings: TelemetrySettings, connection: Connection, origin: Resource, clock: Clock) -> None:
        role = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in settings.role)
        storage = Storage(settings.storage_dir / f"role-{role}-{_digest(connection)}", clock)
        with handle_internal_errors("preparing the folder for what cannot be sent"):
            storage.prepare()
        delivery = ExportOptions(
            connection=connection,
            endpoint=Endpoint(connection.ingestion_endpoint),
            storage=storage,
            retry_interval_s=settings.retry_interval_s,
            export_interval_s=settings.export_interval_s,
            clock=clock,
        )
        self.spans = SpanExporter(delivery, origin)
        self.envelopes = EnvelopeExporter(delivery)
        self._exporters = (self.spans, self.envelopes)

    def flush(self, timeout_s: float) -> bool:
        """Wait until what is queued has been sent or kept on disk; False when there was not the time."""
        return sum(not exporter.flush(timeout_s) for exporter in self._exporters) == 0

    def begin_close(self, deadline: float) -> None:
        """Have what is queued sent, by `deadline` (monotonic clock, seconds)."""
        for exporter in self._exporters:
            exporter.begin_close(deadline)

    def end_close(self) -> None:
        """Wait for that, and keep on disk what is left."""
        for exporter in self._exporters:
            exporter.end_close()

    def abandon(self) -> None:
        """Forget the threads and what they have: both are those of the process that this one was forked from."""
        for exporter in self._exporters:
            exporter.abandon()


def origin_of(settings: TelemetrySettings) -> Resource:
    """What the envelopes of this process have in common."""
    tags = {name: str(value) for name, value in utils.azure_monitor_context.items() if value is not None}
    instance = settings.role_instance or f"{platform.node()}-{os.getpid()}"
    tags |= {"ai.cloud.role": settings.role, "ai.cloud.roleInstance": instance}
    return Resource(
        tags,
        settings.sampling_rate,
        measured=settings.metrics_period_s > 0,
        error_text=str if settings.database_error_text else text_without_values,
    )


def _digest(connection: Connection) -> str:
    """Tells destinations apart in names of folders, where a key has no business."""
    return hashlib.sha256(str(connection).encode()).hexdigest()[:8]
