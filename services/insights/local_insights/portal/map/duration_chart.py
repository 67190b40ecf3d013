"""The line chart of a node's durations: geometry only, in the units of its own drawing area."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from local_insights.model.time_range import TimeRange
from local_insights.portal.formats import duration
from local_insights.store.contract import TimelinePoint

STEPS = 40
"""Points of the chart; few enough to read, many enough to show a spike."""

WIDTH, HEIGHT = 340, 128
LEFT, RIGHT, TOP, BOTTOM = 54, 336, 10, 104
_TICKS = 4
_NICE_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Tick:
    """A horizontal line with its figure."""

    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line: `line` as an SVG path with a gap wherever there were no calls, `area` what lies below it."""

    name: str
    line: str
    area: str
    dots: tuple[tuple[float, float], ...]
    """Points without neighbours, which no line would show."""


@dataclass(frozen=True, slots=True)
class DurationChart:
    """p50 and p95 of the durations over a time range."""

    series: tuple[Series, ...]
    ticks: tuple[Tick, ...]
    start_words: str
    end_words: str
    summary: str
    """The chart in one sentence, for those who do not see it."""


def duration_chart(points: Sequence[TimelinePoint], time_range: TimeRange) -> DurationChart | None:
    """Lay out the chart of `STEPS` equal steps; None when no call has a duration, for empty axes say nothing."""
    shares = {"p50": 0.5, "p95": 0.95}
    values = {
        name: [
            (_step(point, time_range), value)
            for point in points
            if (value := point.served.percentile_ms(share)) is not None
        ]
        for name, share in shares.items()
    }
    if not values["p95"]:
        return None
    highest = max(value for _, value in values["p95"])
    tick_ms = _tick(highest)
    top_ms = tick_ms * math.ceil(highest / tick_ms) if highest else tick_ms

    def place(step: int, value: float) -> tuple[float, float]:
        x = LEFT + (RIGHT - LEFT) * (step + 0.5) / STEPS
        return round(x, 1), round(BOTTOM - (BOTTOM - TOP) * value / top_ms, 1)

    days = time_range.end.date() != time_range.start.date()
    return DurationChart(
        series=tuple(_series(name, values[name], place) for name in ("p95", "p50")),
        ticks=tuple(
            Tick(place(0, number * tick_ms)[1], duration(number * tick_ms) if number else "0")
            for number in range(round(top_ms / tick_ms) + 1)
        ),
        start_words=f"{time_range.start:%d %b %H:%M}" if days else f"{time_range.start:%H:%M}",
        end_words=f"{time_range.end:%d %b %H:%M}" if days else f"{time_range.end:%H:%M}",
        summary=(
            f"Duration over time: p50 up to {duration(max(value for _, value in values['p50']))}, "
            f"p95 up to {duration(highest)}."
        ),
    )


def _step(point: TimelinePoint, time_range: TimeRange) -> int:
    return min(STEPS - 1, max(0, (point.start_us - time_range.start_us) * STEPS // time_range.duration_us))


def _tick(highest: float) -> float:
    """A round distance between ticks, so that about four of them reach the highest value."""
    raw = max(highest, 0.001) / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(nice * power for nice in _NICE_STEPS if nice * power >= raw * (1 - 1e-9))


def _series(
    name: str, values: Sequence[tuple[int, float]], place: Callable[[int, float], tuple[float, float]]
) -> Series:
    runs: list[list[tuple[float, float]]] = []
    steps = [step for step, _ in values]
    connected = [False, *(later - earlier == 1 for earlier, later in pairwise(steps))]
    for (step, value), joined in zip(values, connected, strict=True):
        if joined:
            runs[-1].append(place(step, value))
        else:
            runs.append([place(step, value)])
    lines = [run for run in runs if len(run) > 1]
    return Series(
        name=name,
        line=" ".join(_path(run) for run in lines),
        area=" ".join(f"{_path(run)} L{run[-1][0]} {BOTTOM} L{run[0][0]} {BOTTOM} Z" for run in lines),
        dots=tuple(run[0] for run in runs if len(run) == 1),
    )


def _path(run: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in run)
