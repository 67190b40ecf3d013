"""Health levels of nodes and edges, based on the percentage of failed calls."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Health levels, from best to worst."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Lower bounds of the levels, in percent of failed calls, inclusive.

    Raises:
        ValueError: the thresholds are out of order or out of range.
    """

    warning_percent: float = 1.0
    error_percent: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.warning_percent <= self.error_percent <= 100:  # noqa: PLR2004 - percent
            message = (
                "thresholds need 0 < warning <= error <= 100 percent; "
                f"got {self.warning_percent} and {self.error_percent}"
            )
            raise ValueError(message)


DEFAULT_THRESHOLDS = Thresholds()


def level(failed_percent: float, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Level:
    """Return the health level for a percentage of failed calls (0 to 100)."""
    if failed_percent >= thresholds.error_percent:
        return Level.ERROR
    if failed_percent >= thresholds.warning_percent:
        return Level.WARNING
    return Level.OK
