"""Weighted sums over many calls, mergeable, with percentiles from logarithmic buckets."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BUCKET_BASE = 1.02
"""Neighbouring duration buckets differ by this factor, so that a percentile is off by 2 % at most."""


def bucket(duration_us: int) -> int:
    """The logarithmic bucket a duration falls into; durations below 1 µs share bucket 0."""
    return int(math.log(duration_us) / math.log(BUCKET_BASE)) if duration_us > 1 else 0


@dataclass(frozen=True, slots=True)
class CallStatistics:
    """Calls of one kind, each weighted by its item count (what it stands for under sampling).

    `duration_us` is the weighted sum; `buckets` maps a duration bucket to the weight that fell into it.
    """

    calls: int = 0
    failed: int = 0
    duration_us: int = 0
    buckets: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: "CallStatistics") -> "CallStatistics":
        """The statistics of both sets of calls together."""
        return CallStatistics(
            self.calls + other.calls,
            self.failed + other.failed,
            self.duration_us + other.duration_us,
            Counter(self.buckets) + Counter(other.buckets),
        )

    @property
    def failed_percent(self) -> float:
        """Failed calls as a share of all, 0 to 100; 0 when there were none."""
        return 100 * self.failed / self.calls if self.calls else 0.0

    @property
    def average_ms(self) -> float | None:
        """Weighted mean duration; None when there were no calls."""
        return self.duration_us / self.calls / 1000 if self.calls else None

    def percentile_ms(self, share: float) -> float | None:
        """The duration that `share` (0 to 1) of the calls stay at or below, within 2 %; None without calls."""
        remaining = share * sum(self.buckets.values())
        for number in sorted(self.buckets):
            remaining -= self.buckets[number]
            if remaining <= 0:
                return float(BUCKET_BASE ** (number + 0.5)) / 1000 if number else 0.0
        return None


def combined(parts: Iterable[CallStatistics]) -> CallStatistics:
    """The statistics of many sets of calls together."""
    calls, failed, duration_us = 0, 0, 0
    buckets: Counter[int] = Counter()
    for part in parts:
        calls += part.calls
        failed += part.failed
        duration_us += part.duration_us
        buckets.update(part.buckets)
    return CallStatistics(calls, failed, duration_us, buckets)
