"""OpenCensus for Python, made to hold: spans, logs and context that reach Application Insights."""

from telemetry.connection import ConnectionStringError
from telemetry.core import Telemetry
from telemetry.settings import TelemetrySettings
from telemetry.tracing import current_operation_id

__all__ = ["ConnectionStringError", "Telemetry", "TelemetrySettings", "current_operation_id"]
