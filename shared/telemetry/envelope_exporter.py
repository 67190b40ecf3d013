"""The exporter of what is an envelope from the start: log records, events, metrics."""

from collections.abc import Iterable

from telemetry.envelopes import Envelope
from telemetry.exporting import QueuedExporter, exporter_options
from telemetry.stock import BaseExporter
from telemetry.transport import Delivery


class EnvelopeExporter(QueuedExporter, BaseExporter):  # type: ignore[misc]
    """The base of OpenCensus' exporters, for envelopes.

    It takes the place of AzureLogHandler, which queues log records to format them later, when their arguments may have
    changed and their span has ended.
    """

    def __init__(self, delivery: Delivery) -> None:
        self.prepare(delivery)
        with exporter_options(delivery) as options:
            super().__init__(**options)

    def envelopes_of(self, items: Iterable[Envelope]) -> list[Envelope]:
        """The envelopes themselves."""
        return list(items)
