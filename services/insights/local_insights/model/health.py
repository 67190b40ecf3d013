"""How well a node or an edge does, judged by its share of failed calls."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Three levels of health, from good to bad."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which share of failed calls (0 to 100) a level begins, inclusive.

    Raises:
        ValueError: the shares are out of order or out of range.
    """

    warning_percent: float = 1.0
    error_percent: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.warning_percent <= self.error_percent <= 100:  # noqa: PLR2004 - the whole is 100 %
            message = (
                "thresholds need 0 < warning <= error <= 100 percent; "
                f"these are {self.warning_percent} and {self.error_percent}"
            )
            raise ValueError(message)


DEFAULT_THRESHOLDS = Thresholds()


def level(failed_percent: float, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Level:
    """The level of a share of failed calls (0 to 100)."""
    if failed_percent >= thresholds.error_percent:
        return Level.ERROR
    if failed_percent >= thresholds.warning_percent:
        return Level.WARNING
    return Level.OK
