"""Custom metrics of the application."""

import math

from telemetry._internal.formatting import property_text
from telemetry._internal.internal_errors import handle_internal_errors, warn_of_invalid_value
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
        self._has_warned = False

    def record(self, value: float, **dimensions: object) -> None:
        """Record a measurement. Thread-safe; takes a few microseconds.

        Args:
            value: A finite number. Any other value is not recorded; the first one is logged as a warning.
            dimensions: Names and values to split the metric by. Use few values: beyond 2,000 combinations per interval,
                measurements are added to the combination `(other)`.
        """
        with handle_internal_errors(f"recording {self.name}"):
            number = _number(value)
            if not math.isfinite(number):
                self._warn(value)
                return
            values = tuple(sorted((key, property_text(item)) for key, item in dimensions.items()))
            self._aggregates.add(self, values, number)

    def _warn(self, value: object) -> None:
        if not self._has_warned:
            kind = value if isinstance(value, float) else type(value).__name__
            warn_of_invalid_value(
                f"expected a finite number for the metric {self.name}, got {kind}; it is not recorded"
            )
            self._has_warned = True

    def properties(self, values: tuple[object, ...]) -> dict[str, str]:
        """Return the dimensions as properties."""
        return dict(values)  # type: ignore[arg-type]

    def overflow(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Return the same dimensions with the value `(other)`."""
        return tuple((key, OVERFLOW) for key in self.properties(values))


def _number(value: object) -> float:
    """Return the value as a number; NaN when it is none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001, code of the application can raise anything
        return math.nan
