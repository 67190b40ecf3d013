"""Health levels of nodes and edges, based on the percentage of failed calls."""

from enum import StrEnum

WARNING_PERCENT, ERROR_PERCENT = 1.0, 5.0
"""Percentages of failed calls at which the levels start, inclusive."""


class Level(StrEnum):
    """Health levels, from best to worst."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


def level(failed_percent: float) -> Level:
    """Return the health level for a percentage of failed calls (0 to 100)."""
    if failed_percent >= ERROR_PERCENT:
        return Level.ERROR
    if failed_percent >= WARNING_PERCENT:
        return Level.WARNING
    return Level.OK
