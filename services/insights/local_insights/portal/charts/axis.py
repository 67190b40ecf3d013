"""Round figures along the axes of a chart."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from local_insights.model.time_range import TimeRange
from local_insights.portal import formats

_MOST_TIME_TICKS = 6
_NICE_STEPS = (1, 2, 5, 10)
_TIME_STEPS = (
    *(timedelta(seconds=number) for number in (1, 5, 10, 30)),
    *(timedelta(minutes=number) for number in (1, 5, 10, 30)),
    *(timedelta(hours=number) for number in (1, 3, 6, 12)),
    *(timedelta(days=number) for number in (1, 2, 7, 14, 30, 90, 365, 1825)),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What the values of a chart are, and how an axis of them is divided.

    `words` puts a value into words. Ticks are never closer than `least_step`, below which words could not tell them
    apart. `units` are what round figures are counted in: 90 s is no round figure of minutes. `top` is where the axis
    ends whatever the values are; None when they decide.
    """

    words: Callable[[float], str]
    least_step: float
    units: tuple[float, ...] = (1,)
    top: float | None = None


COUNTS = Measure(lambda value: formats.count(round(value)), least_step=1)
"""Weighted numbers of items."""
DURATIONS = Measure(formats.duration, least_step=0.1, units=(1, formats.MINUTE_MS, formats.HOUR_MS))
"""Milliseconds."""
PERCENTAGES = Measure(formats.percent, least_step=1, top=100)
"""Shares of a whole, 0 to 100."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A figure on an axis; `share` is its place, 0 at the axis' beginning and 1 at its end."""

    share: float
    words: str


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """The axis from 0 to `top`, which is the last tick."""

    top: float
    ticks: tuple[Tick, ...]

    def share(self, value: float) -> float:
        """The place of a value, 0 to 1."""
        return value / self.top


def value_axis(highest: float, measure: Measure, steps: int = 4) -> ValueAxis:
    """The shortest axis of round figures that reaches `highest`, which is more than nothing, in about so many steps."""
    reach = measure.top or highest
    unit = max((unit for unit in measure.units if unit <= reach), default=measure.units[0])
    step = max(unit * nice_step(reach / unit / steps), measure.least_step)
    taken = math.ceil(round(reach / step, 6))
    ticks = (Tick(number / taken, _round_words(measure, number * step)) for number in range(1, taken + 1))
    return ValueAxis(taken * step, (Tick(0, "0"), *ticks))


def nice_step(raw: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is at least `raw`."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(nice * power for nice in _NICE_STEPS if nice * power >= raw * (1 - 1e-9))


def _round_words(measure: Measure, value: float) -> str:
    """`2 s`, not `2.0 s`: a tick is exact."""
    return measure.words(value).replace(".0 ", " ")


def time_ticks(time_range: TimeRange) -> tuple[Tick, ...]:
    """Full minutes, hours or days of a time range, at most a handful."""
    step = next(
        (step for step in _TIME_STEPS if step / timedelta(microseconds=1) * _MOST_TIME_TICKS >= time_range.duration_us),
        _TIME_STEPS[-1],
    )
    step_us = step // timedelta(microseconds=1)
    first_us = -(-time_range.start_us // step_us) * step_us
    return tuple(
        Tick((moment_us - time_range.start_us) / time_range.duration_us, _moment_words(moment_us, step))
        for moment_us in range(first_us, time_range.end_us + 1, step_us)
    )


def _moment_words(moment_us: int, step: timedelta) -> str:
    moment = formats.utc(moment_us)
    if step >= timedelta(days=90):
        return f"{moment:%b %Y}"
    if step >= timedelta(days=1) or (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"{moment.day} {moment:%b}"
    return f"{moment:%H:%M:%S}" if step < timedelta(minutes=1) else f"{moment:%H:%M}"
