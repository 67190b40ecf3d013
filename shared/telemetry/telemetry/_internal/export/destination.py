"""A destination of telemetry: its exporters and its folder."""

import hashlib
import os
import platform

from telemetry._internal._opencensus import utils
from telemetry._internal.connection_string import Connection
from telemetry._internal.envelopes.envelopes import Resource
from telemetry._internal.errors import text_without_values
from telemetry._internal.export.queued_exporter import EnvelopeExporter
from telemetry._internal.export.span_exporter import SpanExporter
from telemetry._internal.export.storage import Storage
from telemetry._internal.export.transport import Endpoint, ExportOptions
from telemetry._internal.ids_and_clock import Clock
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry.settings import TelemetrySettings


class Destination:
    """An ingestion endpoint with its own queues, threads and folder, so that it cannot delay another destination.

    The constructor starts two threads: one for spans, one for envelopes.
    """

    def __init__(self, settings: TelemetrySettings, connection: Connection, resource: Resource, clock: Clock) -> None:
        role = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in settings.role)
        storage = Storage(settings.storage_dir / f"role-{role}-{_digest(connection)}", clock)
        with handle_internal_errors("preparing the folder for undelivered items"):
            storage.prepare()
        options = ExportOptions(
            connection=connection,
            endpoint=Endpoint(connection.ingestion_endpoint),
            storage=storage,
            retry_interval_s=settings.retry_interval_s,
            export_interval_s=settings.export_interval_s,
            clock=clock,
        )
        self.spans = SpanExporter(options, resource)
        self.envelopes = EnvelopeExporter(options)
        self._exporters = (self.spans, self.envelopes)

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything queued so far has been sent or stored; return False on a timeout."""
        return sum(not exporter.flush(timeout_s) for exporter in self._exporters) == 0

    def begin_close(self, deadline: float) -> None:
        """Start sending what is queued, until `deadline` (seconds of the monotonic clock)."""
        for exporter in self._exporters:
            exporter.begin_close(deadline)

    def end_close(self) -> None:
        """Wait for the threads until the deadline, and store what is left."""
        for exporter in self._exporters:
            exporter.end_close()

    def abandon(self) -> None:
        """Release the exporters in a forked process: threads and queued items belong to the parent process."""
        for exporter in self._exporters:
            exporter.abandon()


def process_resource(settings: TelemetrySettings) -> Resource:
    """Return the resource of this process: role, role instance, sampling rate, SDK version."""
    tags = {name: str(value) for name, value in utils.azure_monitor_context.items() if value is not None}
    instance = settings.role_instance or f"{platform.node()}-{os.getpid()}"
    tags |= {"ai.cloud.role": settings.role, "ai.cloud.roleInstance": instance}
    return Resource(
        tags,
        settings.sampling_rate,
        pre_aggregated=settings.metrics_period_s > 0,
        error_text=str if settings.database_error_text else text_without_values,
    )


def _digest(connection: Connection) -> str:
    """Return a text that identifies the connection in a folder name without containing its key."""
    return hashlib.sha256(str(connection).encode()).hexdigest()[:8]
