"""The standard metrics of Application Insights about requests served, calls made and exceptions.

Names, ids and dimensions are those that Microsoft's SDKs send for pre-aggregated metrics: the portal's charts of
requests, response time and failures are drawn from them, and are right whatever the sampling rate.
"""

from typing import TYPE_CHECKING

from opencensus.trace.span import SpanKind

from telemetry._internal.metrics.aggregates import OVERFLOW, Aggregates
from telemetry._internal.tracing.outcome import outcome

if TYPE_CHECKING:
    from telemetry._internal.tracing.tracing import Span


class StandardMetric:
    """A metric that Application Insights knows by an id, with its dimensions in a fixed order."""

    def __init__(self, name: str, metric_id: str, *dimensions: str) -> None:
        self.name = name
        self.metric_id = metric_id
        self._dimensions = dimensions

    def properties(self, facts: tuple[object, ...]) -> dict[str, str]:
        """The dimensions, and what marks the metric as a standard one."""
        marks = {"_MS.MetricId": self.metric_id, "_MS.IsAutocollected": "True"}
        return marks | {name: str(fact) for name, fact in zip(self._dimensions, facts, strict=True)}

    def overflowing(self, facts: tuple[object, ...]) -> tuple[object, ...]:
        """The same for all."""
        return (OVERFLOW,) * len(facts)


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


class CallMeter:
    """Measures spans as they end: durations in milliseconds, one series an outcome."""

    def __init__(self, aggregates: Aggregates) -> None:
        self._aggregates = aggregates

    def measure(self, span: "Span") -> None:
        """Take a span in: a request, a call to elsewhere, or nothing that counts."""
        kind = span.span_kind
        if kind == SpanKind.SERVER:
            self._aggregates.add(REQUEST_DURATION, outcome(span), span.duration_ns / 1e6)
            if "stacktrace" in span.attributes:
                self.count_exception()
        elif kind == SpanKind.CLIENT:
            attributes = span.attributes
            target = attributes.get("db.target")
            if target is None:
                target = attributes.get("http.url", "").partition("://")[2].partition("/")[0]
            facts = (attributes.get("component", ""), target, *outcome(span))
            self._aggregates.add(CALL_DURATION, facts, span.duration_ns / 1e6)

    def count_exception(self) -> None:
        """Count an exception that is reported: one that ended a request, or one in a log record."""
        self._aggregates.add(EXCEPTION_COUNT, (), 1.0)
