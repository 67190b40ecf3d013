"""The figures of the page: which there are, and how they read."""

from dataclasses import dataclass
from typing import Literal

from local_insights.model.live.configuration import COUNT, PROJECTED_DURATION, CustomMetric
from local_insights.portal.formats import duration, percent, rate, size

Unit = Literal["rate", "duration", "size", "percent", "number"]
DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure and its chart.

    `measure` names its series in a snapshot; `column` is its title where there is little room; `is_bad` when more of it
    is worse.
    """

    measure: str
    title: str
    unit: Unit
    column: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Charts under one heading."""

    title: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it reads: the number, and the unit that stands beside it."""

    number: str
    unit: str


PANELS = (
    Panel(
        "Incoming requests",
        (
            Chart("requests_per_second", "Request rate", "rate", "Requests"),
            Chart("request_duration_ms", "Request duration", "duration", "Duration"),
            Chart("failed_requests_per_second", "Request failure rate", "rate", "Failed", is_bad=True),
        ),
    ),
    Panel(
        "Outgoing requests",
        (
            Chart("calls_per_second", "Dependency call rate", "rate", "Calls"),
            Chart("call_duration_ms", "Dependency duration", "duration", "Duration"),
            Chart("failed_calls_per_second", "Dependency failure rate", "rate", "Failed", is_bad=True),
        ),
    ),
    Panel(
        "Overall health",
        (
            Chart("cpu_percent", "Process CPU", "percent", "CPU"),
            Chart("memory_bytes", "Memory", "size", "Memory"),
            Chart("exceptions_per_second", "Exception rate", "rate", "Exceptions", is_bad=True),
        ),
    ),
)
UNITS: dict[str, Unit] = {chart.measure: chart.unit for panel in PANELS for chart in panel.charts}


def custom_chart(metric: CustomMetric) -> Chart:
    """The chart of a custom metric."""
    unit: Unit = {COUNT: "rate", PROJECTED_DURATION: "duration"}.get(metric.projection, "number")  # type: ignore[assignment] # mypy widens the values of a literal dict
    return Chart(metric.id, metric.title, unit)


def figure(value: float | None, unit: Unit) -> Figure:
    """A value as it reads; a dash when there is none."""
    number, _, words = text(value, unit).partition(" ")
    return Figure(number, words)


def text(value: float | None, unit: Unit) -> str:
    """A value with its unit, in one."""
    if value is None:
        return DASH
    match unit:
        case "rate":
            return rate(value)
        case "duration":
            return duration(value)
        case "size":
            return size(value)
        case "percent":
            return percent(value)
        case "number":
            return f"{value:,.4g}"
