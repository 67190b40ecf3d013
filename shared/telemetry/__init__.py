"""OpenCensus for Python, made to hold: spans, logs, events and metrics that reach Application Insights."""

from telemetry.carry import CarryingThreadPool, carried
from telemetry.connection import ConnectionStringError
from telemetry.core import Telemetry
from telemetry.metrics.custom import Metric
from telemetry.settings import TelemetrySettings
from telemetry.tracing import current_operation_id

__all__ = [
    "CarryingThreadPool",
    "ConnectionStringError",
    "Metric",
    "Telemetry",
    "TelemetrySettings",
    "carried",
    "current_operation_id",
]
