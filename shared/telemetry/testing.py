"""Recorders that keep spans and logs in memory, for tests of code that is traced."""

from collections.abc import Sequence
from typing import Any

from opencensus.trace.span_data import SpanData

from telemetry.envelopes import Envelope, Origin, span_envelopes


class SpanRecorder:
    """A span exporter that keeps what it is given: `Telemetry(settings, span_exporter=recorder)`."""

    def __init__(self) -> None:
        self.spans: list[SpanData] = []

    def export(self, span_datas: Sequence[SpanData]) -> None:
        """Take spans."""
        self.spans.extend(span_datas)

    @property
    def names(self) -> list[str]:
        """Names of the spans, in the order in which they ended."""
        return [span.name for span in self.spans]

    def envelopes(self) -> list[Envelope]:
        """The envelopes that would be sent for the spans."""
        origin = Origin("", {}, 1.0)
        return [envelope for span in self.spans for envelope in span_envelopes(span, origin)]

    def items(self, base_type: str) -> list[dict[str, Any]]:
        """`baseData` of the envelopes of one type, as `RequestData` or `RemoteDependencyData`."""
        return [e["data"]["baseData"] for e in self.envelopes() if e["data"]["baseType"] == base_type]


class LogRecorder:
    """A log exporter that keeps envelopes: `Telemetry(settings, log_exporter=recorder)`."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    def export(self, envelopes: Sequence[Envelope]) -> None:
        """Take envelopes."""
        self.envelopes.extend(envelopes)
