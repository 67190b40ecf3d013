"""The charts of the page, and the format of their values."""

from dataclasses import dataclass
from typing import Literal

from local_insights.model.live.configuration import COUNT, PROJECTED_DURATION, CustomMetric
from local_insights.portal.formats import duration, percent, rate, size

Unit = Literal["rate", "duration", "size", "percent", "number"]
DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Chart:
    """One value and its chart.

    `measure` is the name of its series in a snapshot; `column` is the short title for tables; `is_bad` is True when a
    higher value is worse.
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
class FormattedValue:
    """A formatted number and its unit."""

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
    """Return the chart of a custom metric."""
    unit: Unit = {COUNT: "rate", PROJECTED_DURATION: "duration"}.get(metric.projection, "number")  # type: ignore[assignment] # mypy widens the values of a literal dict
    return Chart(metric.id, metric.title, unit)


def format_value(value: float | None, unit: Unit) -> FormattedValue:
    """Format a value as number and unit; a dash for None."""
    number, _, unit_text = format_text(value, unit).partition(" ")
    return FormattedValue(number, unit_text)


def format_text(value: float | None, unit: Unit) -> str:
    """Format a value with its unit as one text; a dash for None."""
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
