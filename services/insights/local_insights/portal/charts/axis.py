"""Axes of a chart with ticks at round values."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from local_insights.model.time_range import TimeRange
from local_insights.portal import formats

_MAX_TIME_TICKS = 6
_NICE_STEPS = (1, 2, 5, 10)
_TIME_STEPS = (
    *(timedelta(seconds=number) for number in (1, 5, 10, 30)),
    *(timedelta(minutes=number) for number in (1, 5, 10, 30)),
    *(timedelta(hours=number) for number in (1, 3, 6, 12)),
    *(timedelta(days=number) for number in (1, 2, 7, 14, 30, 90, 365, 1825)),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """The kind of values of a chart: their format, and the round values of their axis.

    - `format`: formats a value with its unit.
    - `min_step`: the minimum distance of ticks; closer ticks would have the same label.
    - `units`: the units of round values; with minutes among them, ticks are at 1 min and 2 min instead of 100 s.
    - `top`: the fixed end of the axis; None to derive it from the values.
    """

    format: Callable[[float], str]
    min_step: float
    units: tuple[float, ...] = (1,)
    top: float | None = None


COUNTS = Quantity(lambda value: formats.count(round(value)), min_step=1)
"""Numbers of items, corrected for sampling."""
DURATIONS = Quantity(formats.duration, min_step=0.1, units=(1, formats.MINUTE_MS, formats.HOUR_MS))
"""Durations in milliseconds."""
PERCENTAGES = Quantity(formats.percent, min_step=1, top=100)
"""Percentages, 0 to 100."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled position on an axis; `share` is 0 at the start and 1 at the end of the axis."""

    share: float
    label: str


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """An axis from 0 to `top`, which is the last tick."""

    top: float
    ticks: tuple[Tick, ...]

    def share(self, value: float) -> float:
        """Return the position of a value, 0 to 1."""
        return value / self.top


def value_axis(highest: float, quantity: Quantity, steps: int = 4) -> ValueAxis:
    """Return the shortest axis with round ticks that includes `highest` (> 0), in about `steps` steps."""
    reach = quantity.top or highest
    unit = max((unit for unit in quantity.units if unit <= reach), default=quantity.units[0])
    step = max(unit * nice_step(reach / unit / steps), quantity.min_step)
    count = math.ceil(round(reach / step, 6))
    ticks = (Tick(number / count, _tick_label(quantity, number * step)) for number in range(1, count + 1))
    return ValueAxis(count * step, (Tick(0, "0"), *ticks))


def nice_step(raw: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least `raw`.

    Reference:
        Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990.
    """
    power = 10.0 ** math.floor(math.log10(raw))
    return next(nice * power for nice in _NICE_STEPS if nice * power >= raw * (1 - 1e-9))


def _tick_label(quantity: Quantity, value: float) -> str:
    """Return `2 s` instead of `2.0 s`, because a tick is exact."""
    return quantity.format(value).replace(".0 ", " ")


def time_ticks(time_range: TimeRange) -> tuple[Tick, ...]:
    """Return ticks at full seconds, minutes, hours or days of a time range, about six at most."""
    step = next(
        (step for step in _TIME_STEPS if step / timedelta(microseconds=1) * _MAX_TIME_TICKS >= time_range.duration_us),
        _TIME_STEPS[-1],
    )
    step_us = step // timedelta(microseconds=1)
    first_us = -(-time_range.start_us // step_us) * step_us
    return tuple(
        Tick((time_us - time_range.start_us) / time_range.duration_us, _time_label(time_us, step))
        for time_us in range(first_us, time_range.end_us + 1, step_us)
    )


def _time_label(time_us: int, step: timedelta) -> str:
    time = formats.utc(time_us)
    if step >= timedelta(days=90):
        return f"{time:%b %Y}"
    if step >= timedelta(days=1) or (time.hour, time.minute, time.second) == (0, 0, 0):
        return f"{time.day} {time:%b}"
    return f"{time:%H:%M:%S}" if step < timedelta(minutes=1) else f"{time:%H:%M}"
