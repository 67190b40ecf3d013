"""Converts every data point of a metric to an envelope, with its attributes as properties.

A point of a histogram is an aggregate with count, sum, minimum and maximum. Sums are stored as received. With
`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta`, an SDK sends the same values as Azure's exporters.

Reference:
    `metrics/_exporter.py` in azure-monitor-opentelemetry-exporter.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from local_insights.ingest.otlp.attributes import attributes_of, properties_of
from local_insights.ingest.otlp.envelope_builder import EnvelopeFields, envelope_builder

if TYPE_CHECKING:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

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


def metric_envelopes(request: "ExportMetricsServiceRequest", key: str) -> Iterator[EnvelopeFields]:
    """Yield the envelopes of all data points."""
    for group in request.resource_metrics:
        builder = envelope_builder(group.resource, key)
        for scope in group.scope_metrics:
            for metric in scope.metrics:
                for point, fields in _points(metric):
                    attributes = attributes_of(point.attributes)
                    base_data = {
                        "metrics": [{"name": _name(metric.name), **fields}],
                        "properties": properties_of(attributes),
                    }
                    yield builder.build("MetricData", base_data, point.time_unix_nano, attributes, {})


def _name(sent: str) -> str:
    own = sent.removeprefix(_COUNTER_PREFIX)
    return sent if own == sent else _COUNTERS.get(own, sent)


def _points(metric: "Metric") -> Iterator[tuple[Any, EnvelopeFields]]:
    """Yield the data points of a metric of any kind, each with its values."""
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    for point in getattr(metric, kind).data_points:
        if kind in {"gauge", "sum"}:
            value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
            yield point, {"value": value, "count": 1}
            continue
        fields = {"kind": 1, "value": point.sum, "count": point.count}
        if kind == "summary":
            quantiles = {found.quantile: found.value for found in point.quantile_values}
            yield point, fields | {"min": quantiles.get(0.0), "max": quantiles.get(1.0)}
        else:
            extremes = {name: getattr(point, name) for name in ("min", "max") if point.HasField(name)}
            yield point, fields | extremes
