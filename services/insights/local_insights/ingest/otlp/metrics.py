"""Converts every data point of a metric to an envelope, with its attributes as properties.

A point of a histogram is an aggregate with count, sum, minimum and maximum; buckets and exemplars are properties. Sums
are stored as received. With `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta`, an SDK sends the same values as
Azure's exporters.

Reference:
    `metrics/_exporter.py` in azure-monitor-opentelemetry-exporter.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from local_insights.ingest.otlp.attributes import as_text, attributes_of
from local_insights.ingest.otlp.envelope_builder import EnvelopeFields, OtlpItem, envelope_builder
from local_insights.ingest.otlp.properties import Properties

if TYPE_CHECKING:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.metrics.v1.metrics_pb2 import (
        ExponentialHistogramDataPoint,
        HistogramDataPoint,
        Metric,
    )

_COUNTERS = {
    "memoryavailablebytes": r"\Memory\Available Bytes",
    "exceptionssec": r"\.NET CLR Exceptions(??APP_CLR_PROC??)\# of Exceps Thrown / sec",
    "requestexecutiontime": r"\ASP.NET Applications(??APP_W3SVC_PROC??)\Request Execution Time",
    "requestssec": r"\ASP.NET Applications(??APP_W3SVC_PROC??)\Requests/Sec",
    "processtime": r"\Process(??APP_WIN32_PROC??)\% Processor Time",
    "processtimenormalized": r"\Process(??APP_WIN32_PROC??)\% Processor Time Normalized",
    "processiobytessec": r"\Process(??APP_WIN32_PROC??)\IO Data Bytes/sec",
    "processprivatebytes": r"\Process(??APP_WIN32_PROC??)\Private Bytes",
    "processortotalprocessortime": r"\Processor(_Total)\% Processor Time",
}
_COUNTER_PREFIX = "azuremonitor.performancecounter."
"""Prefix of the metrics of Azure's distribution that are performance counters in Application Insights."""


_PREFIX = "metric."
_TEMPORALITIES = {1: "delta", 2: "cumulative"}
_LARGEST_EXACT = 2**53
"""Larger integers are not exact in the column of values, which has 64-bit floating point numbers."""


def metric_envelopes(request: "ExportMetricsServiceRequest", key: str) -> Iterator[EnvelopeFields]:
    """Yield the envelopes of all data points."""
    for group in request.resource_metrics:
        of_resource = envelope_builder(group.resource, group.schema_url, key)
        for scope in group.scope_metrics:
            builder = of_resource.of_scope(scope.scope, scope.schema_url)
            for metric in scope.metrics:
                for point, fields, own in _points(metric):
                    properties = Properties()
                    attributes = attributes_of(point.attributes)
                    properties.add_all(attributes)
                    properties.add_set(own, _PREFIX)
                    _add_metric(properties, metric)
                    _add_point(properties, point)
                    base_data = {"metrics": [{"name": _name(metric.name), **fields}]}
                    item = OtlpItem("MetricData", base_data, point.time_unix_nano, attributes, properties)
                    yield builder.build(item)


def _name(sent: str) -> str:
    own = sent.removeprefix(_COUNTER_PREFIX)
    return sent if own == sent else _COUNTERS.get(own, sent)


def _add_metric(properties: Properties, metric: "Metric") -> None:
    """Add the properties that all points of a metric have."""
    data = getattr(metric, metric.WhichOneof("data") or "gauge")
    fields = {
        "name": metric.name if _name(metric.name) != metric.name else "",
        "unit": metric.unit,
        "description": metric.description,
        "temporality": _TEMPORALITIES.get(getattr(data, "aggregation_temporality", 0), ""),
        "monotonic": getattr(data, "is_monotonic", False),
    }
    properties.add_set(fields, _PREFIX)
    properties.add_all(attributes_of(metric.metadata), _PREFIX)


def _add_point(properties: Properties, point: Any) -> None:  # noqa: ANN401 - a data point of any kind
    """Add the properties that points of all kinds can have. Exemplars are counted, and each one has its own."""
    exemplars = getattr(point, "exemplars", ())
    fields: dict[str, object] = {
        "start_time_unix_nano": point.start_time_unix_nano,
        "flags": point.flags,
        "exemplars": len(exemplars),
    }
    properties.add_set(fields, _PREFIX)
    for number, exemplar in enumerate(exemplars, 1):
        prefix = f"exemplar.{number}."
        fields = {
            "value": as_text(getattr(exemplar, exemplar.WhichOneof("value") or "as_double")),
            "time_unix_nano": exemplar.time_unix_nano,
            "trace_id": exemplar.trace_id.hex(),
            "span_id": exemplar.span_id.hex(),
        }
        properties.add_set(fields, prefix)
        properties.add_all(attributes_of(exemplar.filtered_attributes), prefix)


def _points(metric: "Metric") -> Iterator[tuple[Any, EnvelopeFields, dict[str, object]]]:
    """Yield the data points of a metric of any kind, each with its values and the properties of its kind."""
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    for point in getattr(metric, kind).data_points:
        if kind in {"gauge", "sum"}:
            field = point.WhichOneof("value")  # none if no value was recorded
            value = getattr(point, field) if field else None
            exact = value if field == "as_int" and abs(point.as_int) > _LARGEST_EXACT else 0
            yield point, {"value": value, "count": 1 if field else 0}, {"value": exact}
        elif kind == "summary":
            quantiles = {found.quantile: found.value for found in point.quantile_values}
            fields = {"min": quantiles.get(0.0), "max": quantiles.get(1.0)}
            yield point, _aggregate(point) | fields, {"quantiles": quantiles}
        else:
            extremes = {name: getattr(point, name) for name in ("min", "max") if point.HasField(name)}
            buckets = _buckets(point) if kind == "histogram" else _exponential_buckets(point)
            yield point, _aggregate(point, has_sum=point.HasField("sum")) | extremes, buckets


def _aggregate(point: Any, *, has_sum: bool = True) -> EnvelopeFields:  # noqa: ANN401 - a data point with a sum
    return {"kind": 1, "value": point.sum if has_sum else None, "count": point.count}


def _buckets(point: "HistogramDataPoint") -> dict[str, object]:
    return {
        "bucket_bounds": list(point.explicit_bounds),
        "bucket_counts": list(point.bucket_counts),
    }


def _exponential_buckets(point: "ExponentialHistogramDataPoint") -> dict[str, object]:
    """Return the buckets of an exponential histogram; a negative scale or offset is significant, and so is 0."""
    properties: dict[str, object] = {
        "scale": str(point.scale),
        "zero_count": point.zero_count,
        "zero_threshold": point.zero_threshold,
    }
    for side, buckets in (("positive", point.positive), ("negative", point.negative)):
        if buckets.bucket_counts:
            properties[f"{side}_offset"] = str(buckets.offset)
            properties[f"{side}_bucket_counts"] = list(buckets.bucket_counts)
    return properties
