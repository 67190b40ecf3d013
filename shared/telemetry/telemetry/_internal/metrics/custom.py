"""Metrics of the application's own."""

import math

from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.metrics.aggregates import OVERFLOW, Aggregates


class Metric:
    """Something that the application measures, such as the length of a queue or the price of an order.

    Made by `Telemetry.metric`, one for each name. Its measurements are aggregated and sent once an interval: count,
    sum, least, greatest and standard deviation for each combination of dimensions. They belong to no operation.
    """

    name: str

    def __init__(self, name: str, aggregates: Aggregates) -> None:
        self.name = name
        self._aggregates = aggregates

    def record(self, value: float, **dimensions: object) -> None:
        """Take a measurement in. For any thread; takes a few microseconds.

        Args:
            value: A number; infinite ones and those that are none (NaN) cannot be sent.
            dimensions: What charts split the metric by. Their values should be few: beyond 2,000 combinations an
                interval, all go to the one combination `(other)`.
        """
        with handle_internal_errors(f"recording {self.name}"):
            number = float(value)
            if not math.isfinite(number):
                message = f"expected a finite number for the metric {self.name}, got {value}"
                raise ValueError(message)
            facts = tuple(sorted((key, str(fact)) for key, fact in dimensions.items()))
            self._aggregates.add(self, facts, number)

    def properties(self, facts: tuple[object, ...]) -> dict[str, str]:
        """The dimensions."""
        return dict(facts)  # type: ignore[arg-type]

    def overflowing(self, facts: tuple[object, ...]) -> tuple[object, ...]:
        """The same for all."""
        return tuple((key, OVERFLOW) for key in self.properties(facts))
