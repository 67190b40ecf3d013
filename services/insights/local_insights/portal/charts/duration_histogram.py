"""A histogram of call durations on a logarithmic scale."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import SubElement

from markupsafe import Markup

from local_insights.model.statistics import BUCKET_BASE, CallStatistics
from local_insights.portal import formats
from local_insights.portal.charts.axis import COUNTS, Tick, value_axis
from local_insights.portal.charts.plot import Plot, percent, pixels, plot

MAX_BARS = 44
HEIGHT_PX = 196
PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}

_MIN_BAR_PX = 1.5
_BAR_SHARE = 0.9
_ROUND_STEPS = (1, 2, 5)
_ROUND_MS = (
    *(step * 10.0**power for power in range(-3, 4) for step in _ROUND_STEPS if step * 10.0**power < formats.MINUTE_MS),
    *(minutes * formats.MINUTE_MS for minutes in (1, 2, 5, 10, 30)),
    *(hours * formats.HOUR_MS for hours in (1, 2, 5, 10, 24, 100, 1000)),
)
_MIN_TICK_GAP, _MIN_MARK_GAP = 0.2, 0.12
"""Minimum distance of two tick labels and of two percentile marks, as a share of the width; sufficient on a phone."""


@dataclass(frozen=True, slots=True)
class DurationRange:
    """Durations from `shortest_us` (inclusive) to `longest_us` (exclusive); None means no limit."""

    shortest_us: int | None = None
    longest_us: int | None = None

    def covers(self, bar: "DurationBar") -> bool:
        """Return True if the (geometric) middle of the bar is in the range."""
        middle_us = math.sqrt(max(bar.shortest_us, 1) * bar.longest_us)
        return (self.shortest_us or 0) <= middle_us < (math.inf if self.longest_us is None else self.longest_us)


ALL_DURATIONS = DurationRange()


@dataclass(frozen=True, slots=True)
class DurationBar:
    """The number of calls with a duration from `shortest_us` (inclusive) to `longest_us` (exclusive)."""

    shortest_us: int
    longest_us: int
    calls: int


def duration_bars(statistics: CallStatistics) -> tuple[DurationBar, ...]:
    """Return the calls by duration, in equal steps of a logarithmic scale from the shortest to the longest duration.

    A bar consists of whole buckets, so that its count is exact. Empty bars between others are included.
    """
    if not statistics.buckets:
        return ()
    first, last = min(statistics.buckets), max(statistics.buckets)
    width = -(-(last + 1 - first) // MAX_BARS)
    weights: Counter[int] = Counter()
    for number, weight in statistics.buckets.items():
        weights[(number - first) // width] += weight
    return tuple(
        DurationBar(_lower_bound_us(first + bar * width), _lower_bound_us(first + (bar + 1) * width), weights[bar])
        for bar in range((last - first) // width + 1)
    )


def duration_histogram(
    statistics: CallStatistics, selected: DurationRange, *, label: str, empty_text: str = "no calls in this time range"
) -> Markup:
    """Draw the distribution of durations with its percentiles; bars outside the selected range are pale.

    `data-shortest-us` and `data-longest-us` are the durations at both ends of the x axis, for scripts.
    """
    bars = duration_bars(statistics)
    if not bars:
        area = plot(f"{label}: no data.", HEIGHT_PX, "histogram")
        area.empty(empty_text)
        return area.markup()
    scale = _Scale(max(bars[0].shortest_us, 1), bars[-1].longest_us)
    marks = {name: found for name, share in PERCENTILES.items() if (found := statistics.percentile_ms(share))}
    percentiles = ", ".join(f"{name} {formats.duration(value)}" for name, value in marks.items())
    ends = {"shortest-us": str(bars[0].shortest_us), "longest-us": str(bars[-1].longest_us)}
    area = plot(f"{label}: {percentiles or 'all durations are 0'}.", HEIGHT_PX, "histogram", **ends)
    area.x_axis(_ticks(scale))
    axis = value_axis(max(bar.calls for bar in bars), COUNTS)
    area.y_axis(axis.ticks)
    gap = (1 - _BAR_SHARE) / 2
    slow_ms = marks.get("p95", math.inf)
    group = SubElement(area.root, "g", {"class": "bars", "pointer-events": "none"})
    for number, bar in enumerate(bars):
        start, end = number / len(bars), (number + 1) / len(bars)
        if bar.calls:
            durations = f"{formats.duration(bar.shortest_us / 1000)} to {formats.duration(bar.longest_us / 1000)}"
            area.tooltip(start, end, f"{durations} · {formats.count(bar.calls)}")
            paint = {"fill": "var(--orange)" if bar.shortest_us > 1000 * slow_ms else "var(--blue)"}
            paint |= {} if selected.covers(bar) else {"opacity": "0.3"}
            x_range = (start + gap / len(bars), end - gap / len(bars))
            area.bar(group, x_range, (0, max(axis.share(bar.calls), _MIN_BAR_PX / HEIGHT_PX)), **paint)
    area.root.remove(group)
    area.root.append(group)
    _mark(area, {name: scale.share(1000 * value) for name, value in marks.items()})
    return area.markup()


@dataclass(frozen=True, slots=True)
class _Scale:
    """A logarithmic scale between two durations; values beyond an end are clamped."""

    shortest_us: float
    longest_us: float

    def covers(self, duration_us: float) -> bool:
        return self.shortest_us <= duration_us <= self.longest_us

    def share(self, duration_us: float) -> float:
        share = math.log(duration_us / self.shortest_us) / math.log(self.longest_us / self.shortest_us)
        return min(max(share, 0.0), 1.0)


def _lower_bound_us(bucket: int) -> int:
    """Return the shortest duration of a bucket; the first bucket includes durations of 0."""
    return math.ceil(BUCKET_BASE**bucket) if bucket else 0


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """Yield ticks at round durations that do not overlap."""
    last = -math.inf
    for value_ms in _ROUND_MS:
        share = scale.share(1000 * value_ms)
        if scale.covers(1000 * value_ms) and share - last >= _MIN_TICK_GAP:
            yield Tick(share, formats.duration(value_ms).replace(".0 ", " "))
            last = share


def _mark(area: Plot, shares: Mapping[str, float]) -> None:
    """Draw a dashed line at each percentile with its name above; names that would overlap are joined."""
    group = SubElement(area.root, "g", {"class": "marks", "pointer-events": "none", "text-anchor": "middle"})
    top = pixels(area.y(1))
    for share in shares.values():
        SubElement(group, "line", {"x1": percent(share), "x2": percent(share), "y1": top, "y2": pixels(area.bottom)})
    for names in _close_together(shares):
        first, last = shares[names[0]], shares[names[-1]]
        at, anchor = (last, "end") if last > 0.5 else (first, "start")  # noqa: PLR2004 - the half of the chart with more space
        position = {"x": percent(at), "y": pixels(area.y(1) - 4)}
        SubElement(group, "text", position | ({"text-anchor": anchor} if len(names) > 1 else {})).text = " ".join(names)


def _close_together(shares: Mapping[str, float]) -> list[list[str]]:
    """Return the names of ascending marks in groups that do not overlap."""
    groups: list[list[str]] = []
    for name, share in shares.items():
        if groups and share - shares[groups[-1][-1]] < _MIN_MARK_GAP:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups
