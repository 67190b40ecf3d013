"""The exporter of spans: OpenCensus' AzureExporter with fixes."""

import atexit
import logging
from collections.abc import Iterable, Iterator

from opencensus.trace.span_data import SpanData

from telemetry._internal._opencensus import AzureExporter
from telemetry._internal.envelopes.envelopes import Envelope, Resource
from telemetry._internal.envelopes.span_envelopes import span_envelopes
from telemetry._internal.export.queued_exporter import QueuedExporter, opencensus_options
from telemetry._internal.export.transport import ExportOptions

logger = logging.getLogger(__name__)


class SpanExporter(QueuedExporter, AzureExporter):  # type: ignore[misc]
    """AzureExporter with a role name, without loss of spans, and with isolation of spans that cannot be converted."""

    def __init__(self, options: ExportOptions, resource: Resource) -> None:
        self._resource = resource
        self.prepare(options)
        with opencensus_options(options) as arguments:
            super().__init__(**arguments)

    def span_data_to_envelope(self, sd: SpanData) -> Iterator[Envelope]:
        """Return the envelopes of one span."""
        return span_envelopes(sd, self._resource)

    def to_envelopes(self, items: Iterable[SpanData]) -> list[Envelope]:
        """Convert spans to envelopes; a span that cannot be converted is dropped without affecting the others."""
        envelopes: list[Envelope] = []
        for span in items:
            try:
                envelopes.extend(self.span_data_to_envelope(span))
            except Exception:
                logger.exception("Dropped 1 span: it could not be converted to an envelope")
        return envelopes

    def abandon(self) -> None:
        """Remove the exit handlers."""
        super().abandon()
        atexit.unregister(self._stop)

    def _check_stats_collection(self) -> bool:
        """Return False: OpenCensus' statistics about itself are disabled."""
        return False
