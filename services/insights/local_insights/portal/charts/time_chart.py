"""Values over time, as bars or as lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import SubElement

from markupsafe import Markup

from local_insights.model.time_range import TimeRange
from local_insights.portal import formats
from local_insights.portal.charts.axis import Measure, ValueAxis, time_ticks, value_axis
from local_insights.portal.charts.plot import LINE_WIDTH, Colour, Plot, percent, pixels, plot

STEPS = 60
"""Steps that pages divide a time range into; a step of the last hour is a minute."""
HEIGHT_PX = 160

_LEAST_BAR_PX = 1.5
"""So that one among thousands is still seen."""
_BAR_SHARE = 0.84
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each of the equal steps of a time range, None for a step of which nothing is known."""

    name: str
    colour: Colour
    values: Sequence[float | None]


def bar_chart(  # noqa: PLR0913 - one chart, and its words
    time_range: TimeRange,
    series: Sequence[Series],
    measure: Measure,
    *,
    label: str,
    nothing: str = "nothing in this time",
    height_px: int = HEIGHT_PX,
) -> Markup:
    """Draw amounts over time: a bar a step, the first series at its bottom, the others on top of it.

    Args:
        time_range: what the steps divide.
        series: all of the same number of steps; a value of None counts as 0.
        measure: what the values are.
        label: what the chart shows, for those who do not see it; the largest values are added to it.
        nothing: said in place of the bars when all values are 0. There are no figures along the empty axis then.
        height_px: of the area, without the words around it.
    """
    sums = [sum(value or 0 for value in step) for step in zip(*(line.values for line in series), strict=True)]
    area = plot(_sentence(label, series, measure), height_px, "bars")
    area.along(time_ticks(time_range))
    if not any(sums):
        area.nothing(nothing)
        return area.markup()
    axis = value_axis(max(sums), measure, area.value_steps)
    area.values(axis.ticks)
    _hints(area, time_range, series, measure)
    gap = (1 - _BAR_SHARE) / 2
    bases = [0.0] * len(sums)
    for line in series:
        group = SubElement(area.root, "g", {"fill": f"var(--{line.colour})", "pointer-events": "none"})
        for step, value in enumerate(line.values):
            if value:
                top = bases[step] + max(axis.share(value), _LEAST_BAR_PX / height_px)
                across = ((step + gap) / len(sums), (step + 1 - gap) / len(sums))
                area.bar(group, across, (bases[step], top))
                bases[step] = top
    return area.markup()


def line_chart(  # noqa: PLR0913 - one chart, and its words
    time_range: TimeRange,
    series: Sequence[Series],
    measure: Measure,
    *,
    label: str,
    nothing: str = "nothing in this time",
    height_px: int = HEIGHT_PX,
) -> Markup:
    """Draw levels over time: a line a series, interrupted where nothing is known, the last series on top.

    The arguments are those of `bar_chart`; what `nothing` says is shown when no value is known.
    """
    known = [value for line in series for value in line.values if value is not None]
    area = plot(_sentence(label, series, measure), height_px, "levels")
    area.along(time_ticks(time_range))
    if not known:
        area.nothing(nothing)
        return area.markup()
    axis = value_axis(max(*known, measure.least_step), measure, area.value_steps)
    area.values(axis.ticks)
    _hints(area, time_range, series, measure)
    layer = area.stretched()
    for line in series:
        colour = f"var(--{line.colour})"
        group = SubElement(layer, "g", {"stroke": colour, "fill": colour})
        for run in _runs(line.values):
            if len(run) == 1:
                step, value = run[0]
                place = {"cx": percent((step + 0.5) / len(line.values)), "cy": pixels(area.down(axis.share(value)))}
                SubElement(area.root, "circle", {**place, "r": "2.5", "fill": colour, "pointer-events": "none"})
            else:
                points = " ".join(_point(area, axis, step, value, len(line.values)) for step, value in run)
                ends = [f"{_across(step, len(line.values))} {pixels(area.bottom)}" for step, _ in (run[-1], run[0])]
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


def _hints(area: Plot, time_range: TimeRange, series: Sequence[Series], measure: Measure) -> None:
    steps = len(series[0].values)
    for step in range(steps):
        figures = [f"{line.name} {measure.words(value)}" for line in series if (value := line.values[step]) is not None]
        if figures:
            area.hint(step / steps, (step + 1) / steps, " · ".join((_when(time_range, step, steps), *figures)))


def _when(time_range: TimeRange, step: int, steps: int) -> str:
    """The moment at which a step begins, as exact as its length needs."""
    moment = formats.utc(time_range.start_us + step * time_range.duration_us // steps)
    words = f"{moment:%H:%M:%S}" if time_range.duration_us / steps < 60 * _SECOND_US else f"{moment:%H:%M}"
    return words if time_range.duration_us < _DAY_US else f"{moment.day} {moment:%b} {words}"


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Stretches of neighbouring steps whose values are known."""
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
    return f"{_across(step, steps)} {pixels(area.down(axis.share(value)))}"


def _across(step: int, steps: int) -> str:
    return pixels((step + 0.5) / steps * LINE_WIDTH)


def _sentence(label: str, series: Sequence[Series], measure: Measure) -> str:
    highest = {line.name: max((value for value in line.values if value is not None), default=0) for line in series}
    figures = [f"{name} up to {measure.words(value)}" for name, value in highest.items() if value]
    return f"{label}: {', '.join(figures)}." if figures else f"{label}: nothing."
