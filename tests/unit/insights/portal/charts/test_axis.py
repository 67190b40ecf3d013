"""Axes of charts: round and distinct tick labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.time_range import TimeRange
from local_insights.portal.charts.axis import COUNTS, DURATIONS, PERCENTAGES, Quantity, time_ticks, value_axis

SECOND_US = 1_000_000
MIDNIGHT_US = 1_769_817_600 * SECOND_US
"""2026-01-31 00:00 UTC."""


@pytest.mark.parametrize(
    ("highest", "quantity", "labels"),
    [
        (1, COUNTS, ["0", "1"]),
        (25, COUNTS, ["0", "10", "20", "30"]),
        (9474, COUNTS, ["0", "5,000", "10k"]),
        (1180, DURATIONS, ["0", "500 ms", "1 s", "1.5 s"]),
        (107_000, DURATIONS, ["0", "30 s", "1 min", "1.5 min", "2 min"]),
        (0.02, DURATIONS, ["0", "0.1 ms"]),
        (3.5, PERCENTAGES, ["0", "50 %", "100 %"]),
    ],
)
def test_ticks_are_round(highest: float, quantity: Quantity, labels: list[str]) -> None:
    assert [tick.label for tick in value_axis(highest, quantity).ticks] == labels


@given(st.floats(1e-3, 1e9), st.sampled_from([COUNTS, DURATIONS]))
def test_axis_includes_the_highest_value_with_few_distinct_labels_property(highest: float, quantity: Quantity) -> None:
    axis = value_axis(highest, quantity)
    assert axis.top >= highest * (1 - 1e-6)
    assert axis.top <= max(2.5 * highest, quantity.min_step)
    labels = [tick.label for tick in axis.ticks]
    assert 2 <= len(labels) <= 6
    assert len(set(labels)) == len(labels)
    assert [axis.ticks[0].share, axis.ticks[-1].share] == [0, 1]


@pytest.mark.parametrize(
    ("begin_s", "length_s", "labels"),
    [
        (13 * 3600 + 17, 3600, ["13:10", "13:20", "13:30", "13:40", "13:50", "14:00"]),
        (13 * 3600, 25, ["13:00:00", "13:00:05", "13:00:10", "13:00:15", "13:00:20", "13:00:25"]),
        (-3600, 10800, ["23:00", "23:30", "31 Jan", "00:30", "01:00", "01:30", "02:00"]),
        (3600, 7 * 86400, ["2 Feb", "4 Feb", "6 Feb"]),
        (0, 900 * 86400, ["Dec 2026", "Dec 2027"]),
    ],
)
def test_time_ticks_are_full_hours_minutes_or_days(begin_s: int, length_s: int, labels: list[str]) -> None:
    begin_us = MIDNIGHT_US + begin_s * SECOND_US
    assert [tick.label for tick in time_ticks(TimeRange(begin_us, begin_us + length_s * SECOND_US))] == labels


@given(st.integers(0, 2_000_000_000), st.integers(1, 3650 * 86400))
def test_time_ticks_are_in_the_range_and_few_property(begin_s: int, length_s: int) -> None:
    ticks = time_ticks(TimeRange(begin_s * SECOND_US, (begin_s + length_s) * SECOND_US))
    assert len(ticks) <= 7
    assert all(0 <= tick.share <= 1 for tick in ticks)
