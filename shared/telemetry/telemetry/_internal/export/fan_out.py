"""One exporter that stands for several."""

from collections.abc import Sequence
from typing import Any, Protocol


class Exporter(Protocol):
    """Takes items: `SpanData`, as OpenCensus' exporters do, or envelopes."""

    def export(self, items: Sequence[Any], /) -> None:
        """Take items. Must not wait for anything: it is called in the application's threads."""


class FanOut:
    """Hands items to any number of exporters; to none before the start and after the end."""

    def __init__(self) -> None:
        self.exporters: tuple[Exporter, ...] = ()

    def export(self, items: Sequence[Any], /) -> None:
        """Hand items on."""
        for exporter in self.exporters:
            exporter.export(items)
