"""requests: one client span a call, made by opencensus-ext-requests."""

from telemetry.core import Telemetry


def trace_requests(telemetry: Telemetry) -> None:
    """Trace every call that this process makes with requests. Safe to repeat."""
    raise NotImplementedError
