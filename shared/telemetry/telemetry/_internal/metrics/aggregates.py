"""Aggregation of measurements as they are recorded."""

import math
import threading
from typing import Protocol

MAX_SERIES = 2000
OVERFLOW = "(other)"
"""The value of every dimension of the series that receives measurements beyond `MAX_SERIES`."""


class MetricDefinition(Protocol):
    """A metric. Metrics are compared by identity, which is fast."""

    name: str

    def properties(self, values: tuple[object, ...]) -> dict[str, str]:
        """Return the dimensions of a series as properties of Application Insights."""

    def overflow(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Return the dimension values of the series for measurements that get no series of their own."""


class Aggregate:
    """The measurements of one series since the last report."""

    __slots__ = ("count", "maximum", "minimum", "sum_of_squares", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.sum_of_squares = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf

    def add(self, value: float) -> None:
        """Add a measurement."""
        self.count += 1
        self.total += value
        self.sum_of_squares += value * value
        if value < self.minimum:  # noqa: PLR1730, this runs in every request, and min() takes twice as long
            self.minimum = value
        if value > self.maximum:  # noqa: PLR1730
            self.maximum = value

    @property
    def standard_deviation(self) -> float:
        """The population standard deviation of the measurements."""
        mean = self.total / self.count
        return math.sqrt(max(self.sum_of_squares / self.count - mean * mean, 0.0))


Series = dict[tuple[MetricDefinition, tuple[object, ...]], Aggregate]


class Aggregates:
    """The series of a process, one per metric and combination of dimension values. Nothing is recorded when closed.

    Each report resets the series. OpenCensus sends cumulative sums, which Application Insights adds up again with every
    report.
    """

    def __init__(self) -> None:
        self.is_open = False
        self._lock = threading.Lock()
        self._series: Series = {}

    def add(self, metric: MetricDefinition, values: tuple[object, ...], value: float) -> None:
        """Add a measurement to the series of these dimension values. Thread-safe; takes about a microsecond."""
        if not self.is_open:
            return
        key = (metric, values)
        with self._lock:
            aggregate = self._series.get(key)
            if aggregate is None:
                aggregate = self._create(key)
            aggregate.add(value)

    def take(self) -> Series:
        """Return the series since the last call, and start new ones."""
        with self._lock:
            taken, self._series = self._series, {}
        return taken

    def reset(self) -> None:
        """Delete all series, and replace the lock, which a thread of the parent process may hold after a fork."""
        self._lock = threading.Lock()
        self._series = {}

    def _create(self, key: tuple[MetricDefinition, tuple[object, ...]]) -> Aggregate:
        if len(self._series) >= MAX_SERIES:
            metric, values = key
            key = (metric, metric.overflow(values))
        return self._series.setdefault(key, Aggregate())
