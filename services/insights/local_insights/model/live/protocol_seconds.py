"""Converts a data point of the Live Metrics protocol to one second of its server."""

from collections.abc import Collection

from local_insights.model.live import quirks
from local_insights.model.live.data_point import DataPoint
from local_insights.model.live.second import Counts, Second, WeightedValue

_ABSENT = WeightedValue(0.0, 0.0)


def second_of(point: DataPoint, custom_metrics: Collection[str] = ()) -> Second:
    """Return the second of a normalized data point. A missing rate is 0: idle servers do not send it.

    Args:
        point: from `quirks.normalize`.
        custom_metrics: ids of the custom metrics; other metrics are dropped.
    """
    metrics = point.metrics
    request_duration = metrics.get(quirks.REQUEST_DURATION, _ABSENT)
    call_duration = metrics.get(quirks.CALL_DURATION, _ABSENT)
    memory, cpu = metrics.get(quirks.MEMORY), metrics.get(quirks.CPU)

    def rate(name: str) -> float:
        return metrics.get(name, _ABSENT).value

    return Second(
        Counts(
            requests=rate(quirks.REQUESTS),
            failed_requests=rate(quirks.FAILED_REQUESTS),
            request_ms=request_duration.value * request_duration.weight,
            request_weight=request_duration.weight,
            calls=rate(quirks.CALLS),
            failed_calls=rate(quirks.FAILED_CALLS),
            call_ms=call_duration.value * call_duration.weight,
            call_weight=call_duration.weight,
            exceptions=rate(quirks.EXCEPTIONS),
        ),
        memory_bytes=memory.value if memory else None,
        cpu_percent=cpu.value if cpu else None,
        custom={name: metrics[name] for name in custom_metrics if name in metrics},
    )
