"""One second of one server: counts, memory, CPU and custom metrics."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Counts(NamedTuple):
    """Numbers that are summed over seconds and servers, weighted by the number of events per item under sampling.

    The `…_ms` fields are sums of duration times weight. The mean of any set of servers is sum divided by weight.
    """

    requests: float = 0.0
    failed_requests: float = 0.0
    request_ms: float = 0.0
    request_weight: float = 0.0
    calls: float = 0.0
    failed_calls: float = 0.0
    call_ms: float = 0.0
    call_weight: float = 0.0
    exceptions: float = 0.0

    @property
    def request_duration_ms(self) -> float | None:
        """Weighted mean duration of requests; None without any."""
        return self.request_ms / self.request_weight if self.request_weight else None

    @property
    def call_duration_ms(self) -> float | None:
        """Weighted mean duration of calls to dependencies; None without any."""
        return self.call_ms / self.call_weight if self.call_weight else None


NO_COUNTS = Counts()


class Aggregation(StrEnum):
    """The aggregation of values: over the items of a server, then over servers."""

    SUM = "Sum"
    AVERAGE = "Avg"
    MINIMUM = "Min"
    MAXIMUM = "Max"


class WeightedValue(NamedTuple):
    """A value and its weight in an average."""

    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Second:
    """One second of one server. `custom` maps the id of a custom metric to its value.

    Memory and CPU are None when they were not reported. `cpu_percent` is the share of the process in all cores.
    """

    counts: Counts = NO_COUNTS
    memory_bytes: float | None = None
    cpu_percent: float | None = None
    custom: Mapping[str, WeightedValue] = field(default_factory=dict)


def finite(value: float) -> float:
    """Return the value, or, if a sum or product exceeded the range of a float, the largest float of its sign."""
    return max(-sys.float_info.max, min(sys.float_info.max, value))


def aggregate(one: WeightedValue, other: WeightedValue, aggregation: Aggregation) -> WeightedValue:
    """Combine two finite values. The result is finite."""
    weight = one.weight + other.weight
    match aggregation:
        case Aggregation.SUM:
            return WeightedValue(finite(one.value + other.value), weight)
        case Aggregation.AVERAGE:
            if not weight:
                return WeightedValue(0.0, weight)
            average = one.value * (one.weight / weight) + other.value * (other.weight / weight)
            return WeightedValue(finite(average), weight)
        case Aggregation.MINIMUM:
            return WeightedValue(min(one.value, other.value), weight)
        case Aggregation.MAXIMUM:
            return WeightedValue(max(one.value, other.value), weight)
