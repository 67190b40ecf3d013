"""How long calls took: a bar for each stretch of a logarithmic scale."""

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

MOST_BARS = 44
HEIGHT_PX = 196
PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}

_LEAST_BAR_PX = 1.5
_BAR_SHARE = 0.9
_ROUND_STEPS = (1, 2, 5)
_ROUND_MS = (
    *(step * 10.0**power for power in range(-3, 4) for step in _ROUND_STEPS if step * 10.0**power < formats.MINUTE_MS),
    *(minutes * formats.MINUTE_MS for minutes in (1, 2, 5, 10, 30)),
    *(hours * formats.HOUR_MS for hours in (1, 2, 5, 10, 24, 100, 1000)),
)
_LEAST_TICK_GAP, _LEAST_MARK_GAP = 0.2, 0.12
"""Between the middles of two words along the axis, and between two marks, as shares of the width: enough on a phone."""


@dataclass(frozen=True, slots=True)
class DurationRange:
    """Durations from `shortest_us` on and below `longest_us`; None where there is no such end."""

    shortest_us: int | None = None
    longest_us: int | None = None

    def covers(self, bar: "DurationBar") -> bool:
        """Whether the middle of a bar lies within."""
        middle_us = math.sqrt(max(bar.shortest_us, 1) * bar.longest_us)
        return (self.shortest_us or 0) <= middle_us < (math.inf if self.longest_us is None else self.longest_us)


ALL_DURATIONS = DurationRange()


@dataclass(frozen=True, slots=True)
class DurationBar:
    """Calls that took from `shortest_us` on and less than `longest_us`, whole microseconds."""

    shortest_us: int
    longest_us: int
    calls: int


def duration_bars(statistics: CallStatistics) -> tuple[DurationBar, ...]:
    """Calls by duration: equal steps of a logarithmic scale, from the shortest duration there is to the longest.

    Bars are made of whole buckets, so their counts are exact; empty bars between others are among them.
    """
    if not statistics.buckets:
        return ()
    first, last = min(statistics.buckets), max(statistics.buckets)
    width = -(-(last + 1 - first) // MOST_BARS)
    weights: Counter[int] = Counter()
    for number, weight in statistics.buckets.items():
        weights[(number - first) // width] += weight
    return tuple(
        DurationBar(_begin_us(first + bar * width), _begin_us(first + (bar + 1) * width), weights[bar])
        for bar in range((last - first) // width + 1)
    )


def duration_histogram(
    statistics: CallStatistics, selected: DurationRange, *, label: str, nothing: str = "no calls in this time"
) -> Markup:
    """Draw the distribution of durations with its percentiles; bars outside the selected range are pale.

    Scripts read from `data-shortest-us` and `data-longest-us` what the two ends of the area stand for.
    """
    bars = duration_bars(statistics)
    if not bars:
        area = plot(f"{label}: nothing.", HEIGHT_PX, "histogram")
        area.nothing(nothing)
        return area.markup()
    scale = _Scale(max(bars[0].shortest_us, 1), bars[-1].longest_us)
    marks = {name: found for name, share in PERCENTILES.items() if (found := statistics.percentile_ms(share))}
    words = ", ".join(f"{name} {formats.duration(value)}" for name, value in marks.items())
    ends = {"shortest-us": str(bars[0].shortest_us), "longest-us": str(bars[-1].longest_us)}
    area = plot(f"{label}: {words or 'all took no time'}.", HEIGHT_PX, "histogram", **ends)
    area.along(_ticks(scale))
    axis = value_axis(max(bar.calls for bar in bars), COUNTS)
    area.values(axis.ticks)
    gap = (1 - _BAR_SHARE) / 2
    slow_ms = marks.get("p95", math.inf)
    group = SubElement(area.root, "g", {"class": "bars", "pointer-events": "none"})
    for number, bar in enumerate(bars):
        begin, end = number / len(bars), (number + 1) / len(bars)
        if bar.calls:
            hint = f"{formats.duration(bar.shortest_us / 1000)} to {formats.duration(bar.longest_us / 1000)}"
            area.hint(begin, end, f"{hint} · {formats.count(bar.calls)}")
            paint = {"fill": "var(--orange)" if bar.shortest_us > 1000 * slow_ms else "var(--blue)"}
            paint |= {} if selected.covers(bar) else {"opacity": "0.3"}
            across = (begin + gap / len(bars), end - gap / len(bars))
            area.bar(group, across, (0, max(axis.share(bar.calls), _LEAST_BAR_PX / HEIGHT_PX)), **paint)
    area.root.remove(group)
    area.root.append(group)
    _mark(area, {name: scale.share(1000 * value) for name, value in marks.items()})
    return area.markup()


@dataclass(frozen=True, slots=True)
class _Scale:
    """A logarithmic scale from one duration to another; what rounding puts beyond an end stands at that end."""

    shortest_us: float
    longest_us: float

    def covers(self, duration_us: float) -> bool:
        return self.shortest_us <= duration_us <= self.longest_us

    def share(self, duration_us: float) -> float:
        share = math.log(duration_us / self.shortest_us) / math.log(self.longest_us / self.shortest_us)
        return min(max(share, 0.0), 1.0)


def _begin_us(bucket: int) -> int:
    """The shortest duration that falls into a bucket; the first bucket holds what took no time as well."""
    return math.ceil(BUCKET_BASE**bucket) if bucket else 0


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """Round durations that leave one another room."""
    last = -math.inf
    for value_ms in _ROUND_MS:
        share = scale.share(1000 * value_ms)
        if scale.covers(1000 * value_ms) and share - last >= _LEAST_TICK_GAP:
            yield Tick(share, formats.duration(value_ms).replace(".0 ", " "))
            last = share


def _mark(area: Plot, shares: Mapping[str, float]) -> None:
    """Draw a dashed line at each percentile, and above it its name; those too close for a name each share one place."""
    group = SubElement(area.root, "g", {"class": "marks", "pointer-events": "none", "text-anchor": "middle"})
    top = pixels(area.down(1))
    for share in shares.values():
        SubElement(group, "line", {"x1": percent(share), "x2": percent(share), "y1": top, "y2": pixels(area.bottom)})
    for names in _close_together(shares):
        first, last = shares[names[0]], shares[names[-1]]
        at, anchor = (last, "end") if last > 0.5 else (first, "start")  # noqa: PLR2004 - towards the middle
        place = {"x": percent(at), "y": pixels(area.down(1) - 4)}
        SubElement(group, "text", place | ({"text-anchor": anchor} if len(names) > 1 else {})).text = " ".join(names)


def _close_together(shares: Mapping[str, float]) -> list[list[str]]:
    """The names of ascending marks in groups, each group clear of the next."""
    groups: list[list[str]] = []
    for name, share in shares.items():
        if groups and share - shares[groups[-1][-1]] < _LEAST_MARK_GAP:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups
