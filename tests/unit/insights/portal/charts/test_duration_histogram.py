"""The duration histogram, parsed from its SVG."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.statistics import CallStatistics, bucket
from local_insights.portal.charts.duration_histogram import (
    ALL_DURATIONS,
    MAX_BARS,
    DurationRange,
    duration_bars,
    duration_histogram,
)

durations = st.lists(st.integers(0, 10**11), min_size=1, max_size=50)


def calls(durations_us: list[int]) -> CallStatistics:
    buckets: dict[int, int] = {}
    for duration_us in durations_us:
        buckets[bucket(duration_us)] = buckets.get(bucket(duration_us), 0) + 1
    return CallStatistics(len(durations_us), 0, sum(durations_us), buckets)


def drawn(durations_us: list[int], selected: DurationRange = ALL_DURATIONS) -> ET.Element:
    return ET.fromstring(duration_histogram(calls(durations_us), selected, label="Durations"))  # noqa: S314 - ours


def bars_of(chart: ET.Element) -> list[ET.Element]:
    return chart.findall("g[@class='bars']/rect")


@given(durations)
def test_every_call_is_in_one_bar_property(durations_us: list[int]) -> None:
    bars = duration_bars(calls(durations_us))
    assert len(bars) <= MAX_BARS
    for bar, following in pairwise(bars):
        assert bar.longest_us == following.shortest_us
    for bar in bars:
        inside = [duration_us for duration_us in durations_us if bar.shortest_us <= duration_us < bar.longest_us]
        assert bar.calls == len(inside)
    assert sum(bar.calls for bar in bars) == len(durations_us)


@given(durations)
def test_elements_are_inside_the_plot_area_property(durations_us: list[int]) -> None:
    chart = drawn(durations_us)
    positions = [float(element.get(name, "0%").rstrip("%")) for element in chart.iter() for name in ("x1", "x2")]
    assert all(-0.01 <= position <= 100.01 for position in positions)
    assert all(float(rect.get("height", "-1")) >= 0 for rect in chart.iter("rect"))


def test_histogram_without_calls_has_only_a_text() -> None:
    chart = ET.fromstring(duration_histogram(CallStatistics(), ALL_DURATIONS, label="Durations"))  # noqa: S314 - ours
    assert [text.text for text in chart.iter("text")] == ["no calls in this time range"]


def test_percentiles_are_marked_in_order() -> None:
    chart = drawn([10_000] * 90 + [100_000] * 8 + [1_000_000] * 2)
    marks = chart.find("g[@class='marks']")
    assert marks is not None
    assert [text.text for text in marks.findall("text")] == ["p50", "p95", "p99"]
    positions = [float(line.get("x1", "").rstrip("%")) for line in marks.findall("line")]
    assert positions == sorted(positions)
    assert chart.get("aria-label") == "Durations: p50 10 ms, p95 100 ms, p99 997 ms."


def names_above(durations_us: list[int]) -> list[tuple[str | None, str | None]]:
    marks = drawn(durations_us).find("g[@class='marks']")
    assert marks is not None
    return [(text.text, text.get("text-anchor")) for text in marks.findall("text")]


def test_names_of_close_percentiles_are_joined() -> None:
    assert names_above([1_000] * 90 + [600_000] * 10) == [("p50", None), ("p95 p99", "end")]
    assert names_above([1_000] * 1_000 + [600_000]) == [("p50 p95 p99", "start")]


def test_bars_above_p95_have_another_colour() -> None:
    chart = drawn([1_000] * 95 + [1_000_000] * 5)
    assert [bar.get("fill") for bar in bars_of(chart)] == ["var(--blue)", "var(--orange)"]


def test_bars_outside_the_selected_range_are_pale() -> None:
    chart = drawn([1_000, 10_000, 100_000], DurationRange(5_000, 50_000))
    assert [bar.get("opacity") for bar in bars_of(chart)] == ["0.3", None, "0.3"]


def test_calls_with_a_duration_of_0_have_a_bar() -> None:
    (bar,) = bars_of(drawn([0, 0, 0]))
    assert float(bar.get("height", "")) > 0


def test_data_attributes_are_the_durations_at_the_ends_of_the_axis() -> None:
    chart = drawn([1_000, 10_000, 100_000])
    bars = duration_bars(calls([1_000, 10_000, 100_000]))
    ends = (chart.get("data-shortest-us"), chart.get("data-longest-us"))
    assert ends == (str(bars[0].shortest_us), str(bars[-1].longest_us))


@given(durations)
def test_percentile_names_are_inside_the_chart_and_do_not_overlap_property(durations_us: list[int]) -> None:
    marks = drawn(durations_us).find("g[@class='marks']")
    assert marks is not None
    positions = [float(text.get("x", "").rstrip("%")) for text in marks.findall("text")]
    assert all(position <= 100 for position in positions)
    assert all(later - earlier >= 11.9 for earlier, later in pairwise(positions))
