"""The standard metrics of Application Insights: requests, dependency calls and exceptions.

Names, ids and dimensions are those of the pre-aggregated metrics of Microsoft's SDKs. The portal's charts of requests,
response times and failures use them, and they are exact at any sampling rate.
"""

from typing import TYPE_CHECKING

from opencensus.trace.span import SpanKind

from telemetry._internal.formatting import safe_text
from telemetry._internal.metrics.aggregates import OVERFLOW, Aggregates
from telemetry._internal.tracing.outcome import outcome

if TYPE_CHECKING:
    from telemetry._internal.tracing.tracing import Span

_SWITCHING_PROTOCOLS = 101


class StandardMetric:
    """A metric that Application Insights identifies by an id, with dimensions in a fixed order."""

    def __init__(self, name: str, metric_id: str, *dimensions: str) -> None:
        self.name = name
        self.metric_id = metric_id
        self._dimensions = dimensions

    def properties(self, values: tuple[object, ...]) -> dict[str, str]:
        """Return the dimensions and the marks of a standard metric."""
        marks = {"_MS.MetricId": self.metric_id, "_MS.IsAutocollected": "True"}
        return marks | {name: str(value) for name, value in zip(self._dimensions, values, strict=True)}

    def overflow(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Return the value `(other)` for each dimension."""
        return (OVERFLOW,) * len(values)


REQUEST_DURATION = StandardMetric("Server response time", "requests/duration", "request/resultCode", "Request.Success")
CALL_DURATION = StandardMetric(
    "Dependency duration",
    "dependencies/duration",
    "Dependency.Type",
    "dependency/target",
    "dependency/resultCode",
    "Dependency.Success",
)
EXCEPTION_COUNT = StandardMetric("Exceptions", "exceptions/count")


class StandardMetricsRecorder:
    """Records the standard metrics of spans: durations in milliseconds, one series per outcome."""

    def __init__(self, aggregates: Aggregates) -> None:
        self._aggregates = aggregates

    def record(self, span: "Span") -> None:
        """Record an ended span: a request or a dependency call; other spans are ignored.

        The duration of a WebSocket session is up to its client. It is no response time.
        """
        kind = span.span_kind
        if kind == SpanKind.SERVER:
            if span.attributes.get("http.status_code") != _SWITCHING_PROTOCOLS:
                self._aggregates.add(REQUEST_DURATION, outcome(span), span.duration_ns / 1e6)
            if "stacktrace" in span.attributes:
                self.count_exception()
        elif kind == SpanKind.CLIENT:
            attributes = span.attributes
            target = attributes.get("db.target")
            if target is None:
                target = safe_text(attributes.get("http.url", "")).partition("://")[2].partition("/")[0]
            values = (safe_text(attributes.get("component", "")), safe_text(target), *outcome(span))
            self._aggregates.add(CALL_DURATION, values, span.duration_ns / 1e6)

    def count_exception(self) -> None:
        """Count a reported exception: one that ended a request, or one of a log record."""
        self._aggregates.add(EXCEPTION_COUNT, (), 1.0)
