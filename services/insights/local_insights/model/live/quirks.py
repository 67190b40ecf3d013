r"""Data points of all SDKs made to mean the same: one peculiarity, one function.

The protocol says neither in which unit durations are nor whether the rate of requests evaluate the failed ones. After
`normalize`, rates count everything, durations are milliseconds and weigh as much as the calls they are the mean of.

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
    """The data point without the peculiarities of the SDK that sent it.

    Args:
        point: as sent.
        duration_metrics: ids of the custom metrics that are durations.
    """
    point = with_todays_names(point)
    point = without_rates_since_1970(point)
    point = without_durations_of_nothing(point, duration_metrics)
    if _PYTHON.search(point.identity.sdk_version):
        point = with_failures_counted(point)
        point = in_milliseconds(point, duration_metrics)
        point = without_doubled_exceptions(point)
    point = with_durations_weighed(point)
    return with_codes_that_are_codes(point)


def with_todays_names(point: DataPoint) -> DataPoint:
    """Memory and CPU under the names of today: older SDKs know only the old ones, newer ones send both."""
    missing = {new: old for old, new in _EARLIER_NAMES.items() if old in point.metrics and new not in point.metrics}
    return _with_metrics(point, {new: point.metrics[old] for new, old in missing.items()})


def without_rates_since_1970(point: DataPoint) -> DataPoint:
    """JavaScript's first data point divides by the seconds since 1970: what comes out is no rate, but nothing."""
    tiny = {
        name: WeightedValue(0.0, sent.weight)
        for name, sent in point.metrics.items()
        if name.endswith("/Sec") and sent.value < _SMALLEST_RATE
    }
    return _with_metrics(point, tiny)


def without_durations_of_nothing(point: DataPoint, duration_metrics: Collection[str]) -> DataPoint:
    """A custom metric that is a duration is 0 where there was nothing to take the duration of."""
    nothing = {name for name in duration_metrics if name in point.metrics and point.metrics[name].value == 0}
    return replace(point, metrics={name: sent for name, sent in point.metrics.items() if name not in nothing})


def with_failures_counted(point: DataPoint) -> DataPoint:
    """Python's rates hold what succeeded; what failed is counted apart."""
    return _with_metrics(
        point,
        {
            rate: WeightedValue(_value(point, rate) + _value(point, failed))
            for rate, failed in _FAILED_OF_RATES.items()
            if rate in point.metrics or failed in point.metrics
        },
    )


def in_milliseconds(point: DataPoint, duration_metrics: Collection[str]) -> DataPoint:
    """Python's durations are seconds."""
    names = (*_RATES_OF_DURATIONS, *duration_metrics)
    seconds = {name: point.metrics[name] for name in names if name in point.metrics}
    return _with_metrics(point, {name: WeightedValue(sent.value * 1000, sent.weight) for name, sent in seconds.items()})


def without_doubled_exceptions(point: DataPoint) -> DataPoint:
    """Python reports an exception that is logged within a span twice, the second time without its type.

    The rate goes down by as many doubles as the documents show.
    """
    messages = {
        sent.document.detail
        for sent in point.documents
        if sent.document.kind == ItemType.EXCEPTION and sent.facts.get("ExceptionType")
    }
    kept = tuple(sent for sent in point.documents if not _is_double(sent, messages))
    if doubles := len(point.documents) - len(kept):
        rate = max(_value(point, EXCEPTIONS) - doubles, 0.0)
        point = replace(_with_metrics(point, {EXCEPTIONS: WeightedValue(rate)}), documents=kept)
    return point


def with_durations_weighed(point: DataPoint) -> DataPoint:
    """All SDKs but .NET's give mean durations the weight 1, however many calls they are the mean of."""
    calls = {duration: _value(point, rate) for duration, rate in _RATES_OF_DURATIONS.items()}
    return _with_metrics(
        point,
        {
            name: WeightedValue(point.metrics[name].value, calls[name])
            for name in calls
            if name in point.metrics and point.metrics[name].weight == 1 and calls[name] > 0
        },
    )


def with_codes_that_are_codes(point: DataPoint) -> DataPoint:
    """JavaScript has `NaN` for the result of a dependency whose result is not a number, Python always `0`."""
    nothing = {"NaN"} | ({"0"} if _PYTHON.search(point.identity.sdk_version) else set())
    documents = tuple(
        replace(
            sent,
            document=replace(sent.document, result_code=""),
            facts={name: value for name, value in sent.facts.items() if name != "ResultCode"},
        )
        if sent.document.kind == ItemType.DEPENDENCY and sent.document.result_code in nothing
        else sent
        for sent in point.documents
    )
    return replace(point, documents=documents)


def _is_double(sent: SentDocument, messages: Collection[str]) -> bool:
    return (
        sent.document.kind == ItemType.EXCEPTION
        and not sent.facts.get("ExceptionType")
        and sent.document.detail in messages
    )


def _value(point: DataPoint, name: str) -> float:
    return point.metrics[name].value if name in point.metrics else 0.0


def _with_metrics(point: DataPoint, metrics: Mapping[str, WeightedValue]) -> DataPoint:
    return replace(point, metrics={**point.metrics, **metrics}) if metrics else point
