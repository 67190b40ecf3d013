r"""Normalizes the data points of different SDKs: one function per quirk.

The protocol specifies neither the unit of durations nor whether rates include failures. After `normalize`, rates
include failures, durations are milliseconds, and the weight of a duration is its number of calls.

Reference:
    The Live Metrics sources of azure-monitor-opentelemetry-exporter (Python), @azure/monitor-opentelemetry (JavaScript)
    and Microsoft.ApplicationInsights.PerfCounterCollector (.NET).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from local_insights.model.item import ItemType
from local_insights.model.live.data_point import DataPoint
from local_insights.model.live.document import SentDocument
from local_insights.model.live.second import WeightedValue

REQUESTS = r"\ApplicationInsights\Requests/Sec"
FAILED_REQUESTS = r"\ApplicationInsights\Requests Failed/Sec"
REQUEST_DURATION = r"\ApplicationInsights\Request Duration"
CALLS = r"\ApplicationInsights\Dependency Calls/Sec"
FAILED_CALLS = r"\ApplicationInsights\Dependency Calls Failed/Sec"
CALL_DURATION = r"\ApplicationInsights\Dependency Call Duration"
EXCEPTIONS = r"\ApplicationInsights\Exceptions/Sec"
MEMORY = r"\Process\Physical Bytes"
CPU = r"\% Process\Processor Time Normalized"

_EARLIER_NAMES = {r"\Memory\Committed Bytes": MEMORY, r"\Processor(_Total)\% Processor Time": CPU}
_RATES_OF_DURATIONS = {REQUEST_DURATION: REQUESTS, CALL_DURATION: CALLS}
_FAILED_OF_RATES = {REQUESTS: FAILED_REQUESTS, CALLS: FAILED_CALLS}
_PYTHON = re.compile(r"py\d")
_SMALLEST_RATE = 1e-6


def normalize(point: DataPoint, duration_metrics: Collection[str] = ()) -> DataPoint:
    """Return the data point without the quirks of its SDK.

    Args:
        point: the data point as received.
        duration_metrics: ids of the custom metrics that are durations.
    """
    point = use_current_names(point)
    point = zero_rates_since_1970(point)
    point = drop_durations_without_calls(point, duration_metrics)
    if _PYTHON.search(point.identity.sdk_version):
        point = add_failures_to_rates(point)
        point = convert_seconds_to_milliseconds(point, duration_metrics)
        point = drop_duplicate_exceptions(point)
    point = set_duration_weights(point)
    return drop_placeholder_result_codes(point)


def use_current_names(point: DataPoint) -> DataPoint:
    """Rename memory and CPU to the current names: older SDKs send only the old names, newer ones both."""
    missing = {new: old for old, new in _EARLIER_NAMES.items() if old in point.metrics and new not in point.metrics}
    return _with_metrics(point, {new: point.metrics[old] for new, old in missing.items()})


def zero_rates_since_1970(point: DataPoint) -> DataPoint:
    """Set the rates of JavaScript's first data point to 0: the SDK divides them by the seconds since 1970."""
    tiny = {
        name: WeightedValue(0.0, sent.weight)
        for name, sent in point.metrics.items()
        if name.endswith("/Sec") and sent.value < _SMALLEST_RATE
    }
    return _with_metrics(point, tiny)


def drop_durations_without_calls(point: DataPoint, duration_metrics: Collection[str]) -> DataPoint:
    """Drop custom durations of 0, which SDKs send when there was no call."""
    empty = {name for name in duration_metrics if name in point.metrics and point.metrics[name].value == 0}
    return replace(point, metrics={name: sent for name, sent in point.metrics.items() if name not in empty})


def add_failures_to_rates(point: DataPoint) -> DataPoint:
    """Add failures to the rates: Python counts successful and failed calls separately."""
    return _with_metrics(
        point,
        {
            rate: WeightedValue(_value(point, rate) + _value(point, failed))
            for rate, failed in _FAILED_OF_RATES.items()
            if rate in point.metrics or failed in point.metrics
        },
    )


def convert_seconds_to_milliseconds(point: DataPoint, duration_metrics: Collection[str]) -> DataPoint:
    """Convert durations: Python sends seconds."""
    names = (*_RATES_OF_DURATIONS, *duration_metrics)
    seconds = {name: point.metrics[name] for name in names if name in point.metrics}
    return _with_metrics(point, {name: WeightedValue(sent.value * 1000, sent.weight) for name, sent in seconds.items()})


def drop_duplicate_exceptions(point: DataPoint) -> DataPoint:
    """Drop duplicates: Python reports an exception that is logged within a span twice, once without its type.

    The rate is reduced by the number of duplicates among the documents.
    """
    messages = {
        sent.document.detail
        for sent in point.documents
        if sent.document.kind == ItemType.EXCEPTION and sent.fields.get("ExceptionType")
    }
    unique = tuple(sent for sent in point.documents if not _is_duplicate(sent, messages))
    if duplicates := len(point.documents) - len(unique):
        rate = max(_value(point, EXCEPTIONS) - duplicates, 0.0)
        point = replace(_with_metrics(point, {EXCEPTIONS: WeightedValue(rate)}), documents=unique)
    return point


def set_duration_weights(point: DataPoint) -> DataPoint:
    """Set the weight of a mean duration to its number of calls: all SDKs except .NET's send the weight 1."""
    calls = {duration: _value(point, rate) for duration, rate in _RATES_OF_DURATIONS.items()}
    return _with_metrics(
        point,
        {
            name: WeightedValue(point.metrics[name].value, calls[name])
            for name in calls
            if name in point.metrics and point.metrics[name].weight == 1 and calls[name] > 0
        },
    )


def drop_placeholder_result_codes(point: DataPoint) -> DataPoint:
    """Drop result codes of dependencies that are placeholders: `NaN` of JavaScript, `0` of Python."""
    placeholders = {"NaN"} | ({"0"} if _PYTHON.search(point.identity.sdk_version) else set())
    documents = tuple(
        replace(
            sent,
            document=replace(sent.document, result_code=""),
            fields={name: value for name, value in sent.fields.items() if name != "ResultCode"},
        )
        if sent.document.kind == ItemType.DEPENDENCY and sent.document.result_code in placeholders
        else sent
        for sent in point.documents
    )
    return replace(point, documents=documents)


def _is_duplicate(sent: SentDocument, messages: Collection[str]) -> bool:
    return (
        sent.document.kind == ItemType.EXCEPTION
        and not sent.fields.get("ExceptionType")
        and sent.document.detail in messages
    )


def _value(point: DataPoint, name: str) -> float:
    return point.metrics[name].value if name in point.metrics else 0.0


def _with_metrics(point: DataPoint, metrics: Mapping[str, WeightedValue]) -> DataPoint:
    return replace(point, metrics={**point.metrics, **metrics}) if metrics else point
