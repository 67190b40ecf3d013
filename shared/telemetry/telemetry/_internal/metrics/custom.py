"""Custom metrics of the application."""

import math

from telemetry._internal.formatting import safe_text
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.metrics.aggregates import OVERFLOW, Aggregates


class Metric:
    """A value that the application measures, such as the length of a queue or the price of an order.

    `Telemetry.metric` creates one per name. Measurements are aggregated and sent once per interval: count, sum,
    minimum, maximum and standard deviation for each combination of dimension values. They belong to no operation.
    """

    name: str

    def __init__(self, name: str, aggregates: Aggregates) -> None:
        self.name = name
        self._aggregates = aggregates

    def record(self, value: float, **dimensions: object) -> None:
        """Record a measurement. Thread-safe; takes a few microseconds.

        Args:
            value: A finite number; infinity and NaN cannot be sent.
            dimensions: Names and values to split the metric by. Use few values: beyond 2,000 combinations per interval,
                measurements are added to the combination `(other)`.
        """
        with handle_internal_errors(f"recording {self.name}"):
            number = float(value)
            if not math.isfinite(number):
                message = f"expected a finite number for the metric {self.name}, got {value}"
                raise ValueError(message)
            values = tuple(sorted((key, safe_text(item)) for key, item in dimensions.items()))
            self._aggregates.add(self, values, number)

    def properties(self, values: tuple[object, ...]) -> dict[str, str]:
        """Return the dimensions as properties."""
        return dict(values)  # type: ignore[arg-type]

    def overflow(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Return the same dimensions with the value `(other)`."""
        return tuple((key, OVERFLOW) for key in self.properties(values))
