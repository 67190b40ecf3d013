"""Measurements, aggregated while they come in."""

import math
import threading
from typing import Protocol

MAX_SERIES = 2000
OVERFLOW = "(other)"
"""The value of every dimension, once there are too many combinations of values to keep apart."""


class Measured(Protocol):
    """A metric. It is told apart from others by identity, which costs nothing to compare."""

    name: str

    def properties(self, facts: tuple[object, ...]) -> dict[str, str]:
        """The dimensions of a series as Application Insights shows them."""

    def overflowing(self, facts: tuple[object, ...]) -> tuple[object, ...]:
        """The facts of the one series that takes what has no series of its own."""


class Aggregate:
    """Measurements of one series since it was last taken."""

    __slots__ = ("count", "greatest", "least", "squares", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.squares = 0.0
        self.least = math.inf
        self.greatest = -math.inf

    def add(self, value: float) -> None:
        """Take a measurement in."""
        self.count += 1
        self.total += value
        self.squares += value * value
        if value < self.least:  # noqa: PLR1730, this runs in every request, and min() takes twice as long
            self.least = value
        if value > self.greatest:  # noqa: PLR1730
            self.greatest = value

    @property
    def standard_deviation(self) -> float:
        """That of the measurements, which are the whole population."""
        mean = self.total / self.count
        return math.sqrt(max(self.squares / self.count - mean * mean, 0.0))


Series = dict[tuple[Measured, tuple[object, ...]], Aggregate]


class Aggregates:
    """The series of a process: a metric and its dimensions' values each. Nothing is kept while it is not open.

    Taking them empties them, so that nothing is sent twice: OpenCensus sends cumulative sums, which Application
    Insights adds up anew with every report.
    """

    def __init__(self) -> None:
        self.is_open = False
        self._lock = threading.Lock()
        self._series: Series = {}

    def add(self, metric: Measured, facts: tuple[object, ...], value: float) -> None:
        """Take a measurement in. For any thread; takes about a microsecond."""
        if not self.is_open:
            return
        key = (metric, facts)
        with self._lock:
            series = self._series.get(key)
            if series is None:
                series = self._begin(key)
            series.add(value)

    def take(self) -> Series:
        """The series since this was last asked."""
        with self._lock:
            taken, self._series = self._series, {}
        return taken

    def reset(self) -> None:
        """Forget everything: after a fork, what was measured is the parent's, and so is whoever held the lock."""
        self._lock = threading.Lock()
        self._series = {}

    def _begin(self, key: tuple[Measured, tuple[object, ...]]) -> Aggregate:
        if len(self._series) >= MAX_SERIES:
            metric, facts = key
            key = (metric, metric.overflowing(facts))
        return self._series.setdefault(key, Aggregate())
