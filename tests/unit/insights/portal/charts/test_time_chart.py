"""Charts over time, parsed from their SVG."""

from xml.etree import ElementTree as ET

import pytest

from local_insights.model.time_range import TimeRange
from local_insights.portal.charts.axis import COUNTS, DURATIONS
from local_insights.portal.charts.time_chart import Series, bar_chart, line_chart

HOUR = TimeRange(1_769_860_800_000_000, 1_769_864_400_000_000)
TOP, BOTTOM = 14.0, 114.0
"""y coordinates of a plot area of 100 px."""


def bars(*series: Series, **texts: str) -> ET.Element:
    return ET.fromstring(bar_chart(HOUR, series, COUNTS, label="Requests", height_px=100, **texts))  # noqa: S314 - ours


def lines(*series: Series) -> ET.Element:
    return ET.fromstring(line_chart(HOUR, series, DURATIONS, label="Duration", height_px=100))  # noqa: S314 - ours


def drawn_bars(chart: ET.Element) -> list[list[tuple[float, float]]]:
    """Return top and bottom of every bar, by series."""
    groups = [group for group in chart.findall("g") if group.get("fill")]
    return [
        [
            (float(bar.get("y", "")), float(bar.get("y", "")) + float(bar.get("height", "")))
            for bar in group.findall("rect")
        ]
        for group in groups
    ]


def texts_of(chart: ET.Element, part: str) -> list[str]:
    return [text.text or "" for text in chart.findall(f"g[@class='{part}']/text")]


def test_bar_height_is_proportional_to_the_value() -> None:
    chart = bars(Series("failed", "error", [10, 5, 0, None]))
    assert drawn_bars(chart) == [[(TOP, BOTTOM), (TOP + 50, BOTTOM)]]
    assert texts_of(chart, "grid") == ["0", "5", "10"]


def test_series_of_bars_are_stacked() -> None:
    failed, succeeded = drawn_bars(bars(Series("failed", "error", [4]), Series("succeeded", "edge", [6])))
    assert failed == [(TOP + 60, BOTTOM)]
    assert succeeded == [(TOP, TOP + 60)]


def test_bar_has_a_minimum_height() -> None:
    ((few,), _) = drawn_bars(bars(Series("failed", "error", [1]), Series("succeeded", "edge", [9999])))
    assert few[1] - few[0] == pytest.approx(1.5)


@pytest.mark.parametrize("values", [[], [None, None], [0, 0, None]])
def test_chart_without_values_has_a_text_and_no_axis(values: list[float | None]) -> None:
    chart = bars(Series("failed", "error", values), empty_text="no failed requests")
    assert texts_of(chart, "grid") == []
    assert chart.findtext("text") == "no failed requests"
    assert chart.get("aria-label") == "Requests: no data."


def test_chart_without_values_has_the_same_height() -> None:
    assert bars(Series("failed", "error", [])).get("height") == bars(Series("failed", "error", [3])).get("height")


def test_line_has_a_gap_at_steps_without_data() -> None:
    chart = lines(Series("p50", "blue", [10, 20, None, 10, 20]))
    strokes = [path.get("d", "") for path in chart.iter("path") if path.get("fill") == "none"]
    assert strokes == ["M100 64 300 14", "M700 64 900 14"]


def test_isolated_step_is_a_dot() -> None:
    chart = lines(Series("p50", "blue", [None, 20, None, 10, 10]))
    (dot,) = chart.findall("circle")
    assert (dot.get("cx"), dot.get("cy")) == ("30%", str(int(TOP)))


def test_values_of_0_are_on_the_axis() -> None:
    (dot,) = lines(Series("p50", "blue", [0])).findall("circle")
    assert dot.get("cy") == str(int(BOTTOM))


def test_every_step_has_a_tooltip_with_its_values() -> None:
    chart = lines(Series("p95", "orange", [90, None]), Series("p50", "blue", [40, None]))
    (tooltip,) = chart.findall("rect[@class='strip']/title")
    assert tooltip.text == "12:00 · p95 90 ms · p50 40 ms"
    assert chart.get("aria-label") == "Duration: p95 up to 90 ms, p50 up to 40 ms."


def test_colours_are_custom_properties_and_there_are_no_styles() -> None:
    chart = lines(Series("p50", "blue", [1, 2]))
    painted = {element.get("stroke") for element in chart.iter("g")} - {None}
    assert painted == {"var(--blue)"}
    assert not [element for element in chart.iter() if element.get("style")]


def test_hostile_names_stay_text() -> None:
    drawn = bar_chart(HOUR, [Series('"><b>\x00\u202e', "blue", [1])], COUNTS, label="<i>")
    chart = ET.fromstring(drawn)  # noqa: S314 - our own drawing
    assert not list(chart.iter("b"))
    assert "\u202e" not in drawn
