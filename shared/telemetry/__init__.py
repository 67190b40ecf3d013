"""OpenCensus for Python, made to hold: spans, logs and context that reach Application Insights."""

from telemetry.connection import ConnectionStringError
from telemetry.core import Telemetry, current_operation_id
from telemetry.settings import TelemetrySettings

__all__ = ["ConnectionStringError", "Telemetry", "TelemetrySettings", "current_operation_id"]
