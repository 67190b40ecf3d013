"""The interface of exporters, and an exporter that forwards to several others."""

from collections.abc import Sequence
from typing import Any, Protocol


class Exporter(Protocol):
    """Receives items: spans (`SpanData`), as the exporters of OpenCensus do, or envelopes."""

    def export(self, items: Sequence[Any], /) -> None:
        """Accept items. It is called in the application's threads and must not block."""


class FanOut:
    """Forwards items to any number of exporters; to none before the start and after the close."""

    def __init__(self) -> None:
        self.exporters: tuple[Exporter, ...] = ()

    def export(self, items: Sequence[Any], /) -> None:
        """Forward items to every exporter."""
        for exporter in self.exporters:
            exporter.export(items)
