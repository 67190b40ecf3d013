"""Timelines as series of a chart: a value for each of its steps."""

from collections.abc import Callable, Sequence

from local_insights.model.selection import TimelinePoint
from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange
from local_insights.portal.charts.plot import Colour
from local_insights.portal.charts.time_chart import STEPS, Series


def series_of(
    points: Sequence[TimelinePoint],
    time_range: TimeRange,
    name: str,
    colour: Colour,
    value: Callable[[CallStatistics], float | None],
) -> Series:
    """One value of every step; None for steps in which there was nothing."""
    by_step = {_step(point, time_range): point.statistics for point in points}
    return Series(name, colour, [value(by_step[step]) if step in by_step else None for step in range(STEPS)])


def _step(point: TimelinePoint, time_range: TimeRange) -> int:
    """The step that a point begins with: its start was rounded down to a whole microsecond."""
    return -(-(point.start_us - time_range.start_us) * STEPS // time_range.duration_us)
