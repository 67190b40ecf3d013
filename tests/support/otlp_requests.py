"""Builders of OTLP requests with default values."""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, ResourceMetrics, ScopeMetrics
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

TRACE_ID = bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736")
SPAN_ID = bytes.fromhex("00f067aa0ba902b7")
PARENT_ID = bytes.fromhex("b7ad6b7169203331")
START_NS = 1_795_435_200_000_000_000
"""2026-11-23, noon."""
SERVICE = {
    "service.name": "billing",
    "service.namespace": "shop",
    "service.instance.id": "pod-1",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.version": "1.45.1",
}


def value(sent: object) -> AnyValue:
    """Return a value of the type that it has in Python."""
    if isinstance(sent, list):
        return AnyValue(array_value=ArrayValue(values=map(value, sent)))
    if isinstance(sent, dict):
        return AnyValue(kvlist_value=KeyValueList(values=pairs(sent)))
    kinds = {bool: "bool_value", int: "int_value", float: "double_value", bytes: "bytes_value"}
    kind = kinds.get(type(sent))
    return AnyValue(**{kind: sent}) if kind else AnyValue(string_value=str(sent))  # type: ignore[arg-type] # as named


def pairs(attributes: Mapping[str, object]) -> list[KeyValue]:
    """Return attributes."""
    return [KeyValue(key=name, value=value(sent)) for name, sent in attributes.items()]


def span(kind: str = "SERVER", attributes: Mapping[str, object] | None = None, **fields: Any) -> Span:  # noqa: ANN401 - fields of a span
    """Return a span of 250 ms."""
    defaults = {"trace_id": TRACE_ID, "span_id": SPAN_ID, "parent_span_id": PARENT_ID, "name": "work"}
    times = {"start_time_unix_nano": START_NS, "end_time_unix_nano": START_NS + 250_000_000}
    number = Span.SpanKind.Value(f"SPAN_KIND_{kind}")
    return Span(kind=number, attributes=pairs(attributes or {}), **{**defaults, **times, **fields})


def traces(*spans: Span, service: Mapping[str, object] = SERVICE) -> ExportTraceServiceRequest:
    """Return a request with these spans."""
    group = ResourceSpans(resource=Resource(attributes=pairs(service)), scope_spans=[ScopeSpans(spans=spans)])
    return ExportTraceServiceRequest(resource_spans=[group])


def logs(*records: LogRecord, logger: str = "") -> ExportLogsServiceRequest:
    """Return a request with these log records."""
    scope = ScopeLogs(log_records=records)
    scope.scope.name = logger
    group = ResourceLogs(resource=Resource(attributes=pairs(SERVICE)), scope_logs=[scope])
    return ExportLogsServiceRequest(resource_logs=[group])


def record(body: object, attributes: Mapping[str, object] | None = None, **fields: Any) -> LogRecord:  # noqa: ANN401 - fields of a record
    """Return a log record of the span."""
    defaults = {"trace_id": TRACE_ID, "span_id": SPAN_ID, "time_unix_nano": START_NS, "severity_number": 9}
    return LogRecord(body=value(body), attributes=pairs(attributes or {}), **{**defaults, **fields})


def metrics(found: Sequence[Metric]) -> ExportMetricsServiceRequest:
    """Return a request with these metrics."""
    group = ResourceMetrics(resource=Resource(attributes=pairs(SERVICE)), scope_metrics=[ScopeMetrics(metrics=found)])
    return ExportMetricsServiceRequest(resource_metrics=[group])
