"""The exporter of what is an envelope from the start: log records, events, metrics."""

from collections.abc import Iterable

from telemetry._internal._opencensus import BaseExporter
from telemetry._internal.envelopes.envelopes import Envelope
from telemetry._internal.export.exporting import QueuedExporter, exporter_options
from telemetry._internal.export.transport import ExportOptions


class EnvelopeExporter(QueuedExporter, BaseExporter):  # type: ignore[misc]
    """The base of OpenCensus' exporters, for envelopes.

    It takes the place of AzureLogHandler, which queues log records to format them later, when their arguments may have
    changed and their span has ended.
    """

    def __init__(self, delivery: ExportOptions) -> None:
        self.prepare(delivery)
        with exporter_options(delivery) as options:
            super().__init__(**options)

    def envelopes_of(self, items: Iterable[Envelope]) -> list[Envelope]:
        """The envelopes themselves."""
        return list(items)
