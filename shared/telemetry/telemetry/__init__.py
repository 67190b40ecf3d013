"""OpenCensus tracing for FastAPI, httpx, requests and MySQL, exported to Application Insights.

Public modules are this one, `telemetry.settings`, `telemetry.testing` and the modules of `telemetry.integrations`.
"""

from telemetry._internal.connection_string import ConnectionStringError
from telemetry._internal.core import Telemetry
from telemetry._internal.metrics.custom import Metric
from telemetry._internal.tracing.context_threads import ContextThreadPoolExecutor, with_current_context
from telemetry._internal.tracing.tracing import Span, current_ids, current_operation_id
from telemetry.settings import TelemetrySettings

__all__ = [
    "ConnectionStringError",
    "ContextThreadPoolExecutor",
    "Metric",
    "Span",
    "Telemetry",
    "TelemetrySettings",
    "current_ids",
    "current_operation_id",
    "with_current_context",
]
