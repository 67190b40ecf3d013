"""The exporter of spans: OpenCensus' AzureExporter, mended."""

import atexit
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from opencensus.trace.span_data import SpanData

from telemetry.envelopes import Envelope, Origin, span_envelopes
from telemetry.options import exporter_options
from telemetry.stock import AzureExporter
from telemetry.transport import Delivery, ReliableTransport

logger = logging.getLogger(__name__)


class SpanExporter(ReliableTransport, AzureExporter):  # type: ignore[misc]
    """AzureExporter that names its role, loses nothing, and lets a bad span cost only itself.

    The constructor starts the exporting thread: make one a process, after the fork.
    """

    def __init__(self, delivery: Delivery, origin: Origin) -> None:
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

    def emit(self, batch: Sequence[SpanData], event: Any = None) -> None:  # noqa: ANN401
        """Deliver one batch. Runs in the exporting thread."""
        self.export_batch(batch, event)

    def end_close(self) -> None:
        """Wait for the exporting thread, and forget about it."""
        super().end_close()
        atexit.unregister(self._worker.stop)
        atexit.unregister(self._stop)
