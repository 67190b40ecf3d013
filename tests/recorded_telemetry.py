"""Telemetry that is kept in memory, for tests of services that are traced."""

from dataclasses import dataclass, field

from telemetry import Telemetry, TelemetrySettings
from telemetry.testing import LogRecorder, SpanRecorder


@dataclass
class Recorded:
    """One service's telemetry, and what it recorded."""

    role: str
    spans: SpanRecorder = field(default_factory=SpanRecorder)
    logs: LogRecorder = field(default_factory=LogRecorder)
    telemetry: Telemetry = field(init=False)

    def __post_init__(self) -> None:
        self.telemetry = Telemetry(TelemetrySettings(role=self.role), span_exporter=self.spans, log_exporter=self.logs)

    @property
    def messages(self) -> list[str]:
        """Texts of the log records, in order."""
        data = (envelope["data"]["baseData"] for envelope in self.logs.envelopes)
        return [item["message"] for item in data if "message" in item]
