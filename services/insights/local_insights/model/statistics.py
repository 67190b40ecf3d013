"""Mergeable statistics of calls: weighted sums, and percentiles from a histogram with logarithmic buckets.

The histogram is like a DDSketch with a relative error of 2 %.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BUCKET_BASE = 1.02
"""Factor between adjacent duration buckets. The error of a percentile is at most 2 %."""
_AS_MANY_AS_CALLS = -1


def bucket(duration_us: int) -> int:
    """Return the number of the logarithmic bucket of a duration. Durations up to 1 µs have bucket 0."""
    return int(math.log(duration_us) / math.log(BUCKET_BASE)) if duration_us > 1 else 0


@dataclass(frozen=True, slots=True)
class CallStatistics:
    """Statistics of calls, each weighted by its item count (the number of calls it represents under sampling).

    `duration_us` is the weighted sum in microseconds. `buckets` maps the number of a duration bucket to its weight.

    Counts under sampling are estimates. `items` is the number of items, and `squared_weights` the sum of their squared
    weights; a test of significance needs them: calls² / squared_weights is the effective size of the sample (Kish). The
    default of both is `calls`: without sampling every call is one item.
    """

    calls: int = 0
    failed: int = 0
    duration_us: int = 0
    buckets: Mapping[int, int] = field(default_factory=dict)
    items: int = _AS_MANY_AS_CALLS
    squared_weights: int = _AS_MANY_AS_CALLS

    def __post_init__(self) -> None:
        for name in ("items", "squared_weights"):
            if getattr(self, name) == _AS_MANY_AS_CALLS:
                object.__setattr__(self, name, self.calls)

    def __add__(self, other: "CallStatistics") -> "CallStatistics":
        """Return the statistics of both sets of calls."""
        return CallStatistics(
            self.calls + other.calls,
            self.failed + other.failed,
            self.duration_us + other.duration_us,
            Counter(self.buckets) + Counter(other.buckets),
            self.items + other.items,
            self.squared_weights + other.squared_weights,
        )

    @property
    def is_sampled(self) -> bool:
        """True if an item represents several calls."""
        return self.items < self.calls

    @property
    def failed_percent(self) -> float:
        """Failed calls in percent of all calls, 0 to 100; 0 without calls."""
        return 100 * self.failed / self.calls if self.calls else 0.0

    @property
    def average_ms(self) -> float | None:
        """Weighted mean duration in milliseconds, None without calls."""
        return self.duration_us / self.calls / 1000 if self.calls else None

    def percentile_ms(self, share: float) -> float | None:
        """Return the percentile `share` (0 to 1) of the duration in milliseconds, within 2 %; None without calls."""
        remaining = share * sum(self.buckets.values())
        for number in sorted(self.buckets):
            remaining -= self.buckets[number]
            if remaining <= 0:
                return float(BUCKET_BASE ** (number + 0.5)) / 1000 if number else 0.0
        return None


def combined(parts: Iterable[CallStatistics]) -> CallStatistics:
    """Return the merged statistics of several sets of calls, at a cost that is linear in their buckets."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    calls = failed = duration_us = items = squared_weights = 0
    buckets: Counter[int] = Counter()
    for part in parts:
        items += part.items
        squared_weights += part.squared_weights
        calls += part.calls
        failed += part.failed
        duration_us += part.duration_us
        for number, weight in part.buckets.items():
            buckets[number] += weight
    return CallStatistics(calls, failed, duration_us, buckets, items, squared_weights)
