"""Charts of values over time: bar charts and line charts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import SubElement

from markupsafe import Markup

from local_insights.model.selection import TimelinePoint
from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange
from local_insights.portal import formats
from local_insights.portal.charts.axis import Quantity, ValueAxis, time_ticks, value_axis
from local_insights.portal.charts.plot import LINE_WIDTH, Colour, Plot, percent, pixels, plot

STEPS = 60
"""The number of steps of a time range on the pages: one per minute for the last hour."""
HEIGHT_PX = 160

_MIN_BAR_PX = 1.5
"""Minimum height of a bar, so that 1 among thousands is visible."""
_BAR_SHARE = 0.84
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US


@dataclass(frozen=True, slots=True)
class Series:
    """One value per step of a time range; None for steps without data. All steps have the same length."""

    name: str
    colour: Colour
    values: Sequence[float | None]


def timeline_series(  # noqa: PLR0913 - the fields of a series, and the timeline it is built from
    points: Sequence[TimelinePoint],
    time_range: TimeRange,
    name: str,
    colour: Colour,
    value: Callable[[CallStatistics], float | None],
    *,
    steps: int = STEPS,
) -> Series:
    """Convert a timeline of `steps` steps into a series; steps without a point have the value None."""

    def step(point: TimelinePoint) -> int:
        """Return the index of a step. It is rounded up, because the start is rounded down to a whole microsecond."""
        return -(-(point.start_us - time_range.start_us) * steps // time_range.duration_us)

    by_step = {step(point): point.statistics for point in points}
    return Series(name, colour, [value(by_step[index]) if index in by_step else None for index in range(steps)])


def bar_chart(  # noqa: PLR0913 - one chart, and its texts
    time_range: TimeRange,
    series: Sequence[Series],
    quantity: Quantity,
    *,
    label: str,
    empty_text: str = "no data in this time range",
    height_px: int = HEIGHT_PX,
) -> Markup:
    """Draw stacked bars over time, one per step, the first series at the bottom.

    Args:
        time_range: the time range of the x axis.
        series: series with the same number of steps; None counts as 0.
        quantity: the kind of values.
        label: a description for screen readers; the maximum of each series is appended.
        empty_text: the text of an empty chart, shown if all values are 0. An empty chart has no y axis.
        height_px: the height of the plot area, without labels.
    """
    sums = [sum(value or 0 for value in step) for step in zip(*(line.values for line in series), strict=True)]
    area = plot(_description(label, series, quantity), height_px, "bars")
    area.x_axis(time_ticks(time_range))
    if not any(sums):
        area.empty(empty_text)
        return area.markup()
    axis = value_axis(max(sums), quantity, area.value_steps)
    area.y_axis(axis.ticks)
    _tooltips(area, time_range, series, quantity)
    gap = (1 - _BAR_SHARE) / 2
    bases = [0.0] * len(sums)
    for line in series:
        group = SubElement(area.root, "g", {"fill": f"var(--{line.colour})", "pointer-events": "none"})
        for step, value in enumerate(line.values):
            if value:
                top = bases[step] + max(axis.share(value), _MIN_BAR_PX / height_px)
                x_range = ((step + gap) / len(sums), (step + 1 - gap) / len(sums))
                area.bar(group, x_range, (bases[step], top))
                bases[step] = top
    return area.markup()


def line_chart(  # noqa: PLR0913 - one chart, and its texts
    time_range: TimeRange,
    series: Sequence[Series],
    quantity: Quantity,
    *,
    label: str,
    empty_text: str = "no data in this time range",
    height_px: int = HEIGHT_PX,
) -> Markup:
    """Draw one line per series over time, with gaps at steps without data; the last series is on top.

    The arguments are those of `bar_chart`; `empty_text` is shown if no step has data.
    """
    known = [value for line in series for value in line.values if value is not None]
    area = plot(_description(label, series, quantity), height_px, "levels")
    area.x_axis(time_ticks(time_range))
    if not known:
        area.empty(empty_text)
        return area.markup()
    axis = value_axis(max(*known, quantity.min_step), quantity, area.value_steps)
    area.y_axis(axis.ticks)
    _tooltips(area, time_range, series, quantity)
    layer = area.line_layer()
    for line in series:
        colour = f"var(--{line.colour})"
        group = SubElement(layer, "g", {"stroke": colour, "fill": colour})
        for run in _runs(line.values):
            if len(run) == 1:
                step, value = run[0]
                centre = {"cx": percent((step + 0.5) / len(line.values)), "cy": pixels(area.y(axis.share(value)))}
                SubElement(area.root, "circle", {**centre, "r": "2.5", "fill": colour, "pointer-events": "none"})
            else:
                points = " ".join(_point(area, axis, step, value, len(line.values)) for step, value in run)
                ends = [f"{_line_x(step, len(line.values))} {pixels(area.bottom)}" for step, _ in (run[-1], run[0])]
                SubElement(
                    group,
                    "path",
                    {"d": f"M{points} {' '.join(ends)}Z", "stroke": "none", "fill-opacity": "0.12"},
                )
                SubElement(
                    group,
                    "path",
                    {
                        "d": f"M{points}",
                        "fill": "none",
                        "stroke-width": "1.6",
                        "stroke-linejoin": "round",
                        "vector-effect": "non-scaling-stroke",
                    },
                )
    return area.markup()


def _tooltips(area: Plot, time_range: TimeRange, series: Sequence[Series], quantity: Quantity) -> None:
    steps = len(series[0].values)
    for step in range(steps):
        values = [
            f"{line.name} {quantity.format(value)}" for line in series if (value := line.values[step]) is not None
        ]
        if values:
            area.tooltip(step / steps, (step + 1) / steps, " · ".join((_start_time(time_range, step, steps), *values)))


def _start_time(time_range: TimeRange, step: int, steps: int) -> str:
    """Return the start of a step, with seconds if steps are shorter than a minute."""
    start = formats.utc(time_range.start_us + step * time_range.duration_us // steps)
    text = f"{start:%H:%M:%S}" if time_range.duration_us / steps < 60 * _SECOND_US else f"{start:%H:%M}"
    return text if time_range.duration_us < _DAY_US else f"{start.day} {start:%b} {text}"


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield runs of consecutive steps with data, as (step, value) pairs."""
    run: list[tuple[int, float]] = []
    for step, value in enumerate(values):
        if value is not None:
            run.append((step, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _point(area: Plot, axis: ValueAxis, step: int, value: float, steps: int) -> str:
    return f"{_line_x(step, steps)} {pixels(area.y(axis.share(value)))}"


def _line_x(step: int, steps: int) -> str:
    return pixels((step + 0.5) / steps * LINE_WIDTH)


def _description(label: str, series: Sequence[Series], quantity: Quantity) -> str:
    highest = {line.name: max((value for value in line.values if value is not None), default=0) for line in series}
    values = [f"{name} up to {quantity.format(value)}" for name, value in highest.items() if value]
    return f"{label}: {', '.join(values)}." if values else f"{label}: no data."
