"""Every data point of a metric becomes an item, as in Azure's exporter."""

import json

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Exemplar,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    Sum,
    Summary,
    SummaryDataPoint,
)

from local_insights.ingest.otlp.metrics import metric_envelopes
from local_insights.model.item import Item
from support.otlp_requests import START_NS, metrics, pairs
from support.read_items import read_documents

QUANTILES = [
    SummaryDataPoint.ValueAtQuantile(quantile=0, value=1),
    SummaryDataPoint.ValueAtQuantile(quantile=0.5, value=3),
    SummaryDataPoint.ValueAtQuantile(quantile=1, value=5),
]
AGGREGATES = [
    Metric(name="m", histogram=Histogram(data_points=[HistogramDataPoint(count=2, sum=6, min=1, max=5)])),
    Metric(
        name="m",
        exponential_histogram=ExponentialHistogram(
            data_points=[ExponentialHistogramDataPoint(count=2, sum=6, min=1, max=5)]
        ),
    ),
    Metric(name="m", summary=Summary(data_points=[SummaryDataPoint(count=2, sum=6, quantile_values=QUANTILES)])),
]


def items(*found: Metric) -> list[Item]:
    return read_documents(metric_envelopes(metrics(found), ""))


def test_point_of_a_gauge_or_sum_becomes_a_value() -> None:
    first = NumberDataPoint(as_double=1.5, time_unix_nano=START_NS, attributes=pairs({"pool": "db", "size": 3}))
    second = NumberDataPoint(as_int=7)
    found = items(
        Metric(name="load", gauge=Gauge(data_points=[first])), Metric(name="hits", sum=Sum(data_points=[second]))
    )
    assert [(item.item_type, item.name, item.value, item.value_count) for item in found] == [
        ("customMetric", "load", 1.5, 1),
        ("customMetric", "hits", 7.0, 1),
    ]
    assert (found[0].time_us, json.loads(found[0].properties_json)) == (START_NS // 1000, {"pool": "db", "size": "3"})
    assert found[0].role == "shop.billing"


@pytest.mark.parametrize("metric", AGGREGATES, ids=lambda metric: metric.WhichOneof("data"))
def test_point_of_a_histogram_or_summary_becomes_an_aggregate(metric: Metric) -> None:
    (item,) = items(metric)
    assert (item.value, item.value_count, item.value_min, item.value_max) == (6, 2, 1, 5)
    assert json.loads(item.details_json) == {"kind": "Aggregation"}


def test_missing_minimum_and_maximum_are_none() -> None:
    (item,) = items(Metric(name="m", histogram=Histogram(data_points=[HistogramDataPoint(count=2, sum=6)])))
    assert (item.value_min, item.value_max) == (None, None)


def test_point_without_a_recorded_value_has_no_value() -> None:
    (item,) = items(Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(flags=1)])))
    assert (item.value, item.value_count) == (None, 0)
    assert json.loads(item.properties_json) == {"metric.flags": "1"}


def test_nan_is_none() -> None:
    (item,) = items(Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(as_double=float("nan"))])))
    assert item.value is None


def test_counter_of_azures_distribution_becomes_a_performance_counter() -> None:
    name = "azuremonitor.performancecounter.processprivatebytes"
    (item,) = items(Metric(name=name, gauge=Gauge(data_points=[NumberDataPoint(as_int=7)])))
    assert (item.item_type, item.name) == ("performanceCounter", r"\Process(??APP_WIN32_PROC??)\Private Bytes")


def test_metric_without_data_becomes_no_item() -> None:
    assert items(Metric(name="m")) == []


def test_unit_buckets_and_exemplars_of_a_histogram_become_properties() -> None:
    exemplar = Exemplar(as_double=700, trace_id=b"\1" * 16, filtered_attributes=pairs({"user": "ann"}))
    point = HistogramDataPoint(
        count=3, sum=751, min=1, max=700, bucket_counts=[1, 1, 1], explicit_bounds=[10, 100], exemplars=[exemplar]
    )
    histogram = Histogram(
        data_points=[point], aggregation_temporality=AggregationTemporality.Value("AGGREGATION_TEMPORALITY_DELTA")
    )
    (item,) = items(Metric(name="m", unit="ms", description="time", histogram=histogram))
    assert json.loads(item.properties_json) == {
        "metric.unit": "ms",
        "metric.description": "time",
        "metric.temporality": "delta",
        "metric.bucket_bounds": "[10.0, 100.0]",
        "metric.bucket_counts": "[1, 1, 1]",
        "metric.exemplars": "1",
        "exemplar.1.value": "700.0",
        "exemplar.1.trace_id": "01" * 16,
        "exemplar.1.user": "ann",
    }


def test_integer_that_is_not_exact_as_a_floating_point_number_has_its_digits_in_a_property() -> None:
    (item,) = items(Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(as_int=2**53 + 1)])))
    assert json.loads(item.properties_json) == {"metric.value": "9007199254740993"}


def test_histogram_without_a_sum_has_no_value() -> None:
    (item,) = items(Metric(name="m", histogram=Histogram(data_points=[HistogramDataPoint(count=2)])))
    assert (item.value, item.value_count) == (None, 2)
