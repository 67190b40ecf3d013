"""The exporter of spans: OpenCensus' AzureExporter, mended."""

import atexit
import logging
from collections.abc import Iterable, Iterator

from opencensus.trace.span_data import SpanData

from telemetry._internal._opencensus import AzureExporter
from telemetry._internal.envelopes.envelopes import Envelope, Resource
from telemetry._internal.envelopes.span_envelopes import span_envelopes
from telemetry._internal.export.exporting import QueuedExporter, exporter_options
from telemetry._internal.export.transport import ExportOptions

logger = logging.getLogger(__name__)


class SpanExporter(QueuedExporter, AzureExporter):  # type: ignore[misc]
    """AzureExporter that names its role, loses nothing, and lets a bad span cost only itself."""

    def __init__(self, delivery: ExportOptions, origin: Resource) -> None:
        self._origin = origin
        self.prepare(delivery)
        with exporter_options(delivery) as options:
            super().__init__(**options)

    def span_data_to_envelope(self, sd: SpanData) -> Iterator[Envelope]:
        """The envelopes of one span."""
        return span_envelopes(sd, self._origin)

    def envelopes_of(self, items: Iterable[SpanData]) -> list[Envelope]:
        """The envelopes of the spans; a span that cannot be written is left out, and costs none of its neighbours."""
        envelopes: list[Envelope] = []
        for span in items:
            try:
                envelopes.extend(self.span_data_to_envelope(span))
            except Exception:
                logger.exception("One span is lost: it could not be turned into telemetry")
        return envelopes

    def abandon(self) -> None:
        """Let nothing happen at exit."""
        super().abandon()
        atexit.unregister(self._stop)

    def _check_stats_collection(self) -> bool:
        """OpenCensus' statistics about itself: never."""
        return False
