"""Recorders that keep spans and logs in memory, for tests of code that is traced."""

from typing import Any


class SpanRecorder:
    """A span exporter that keeps what it is given: `Telemetry(settings, span_exporter=recorder)`."""

    spans: list[Any]


class LogRecorder:
    """A log exporter that keeps envelopes: `Telemetry(settings, log_exporter=recorder)`."""

    envelopes: list[dict[str, Any]]
