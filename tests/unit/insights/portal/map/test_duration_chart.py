from canned_store import statistics

from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange
from local_insights.portal.map.duration_chart import BOTTOM, STEPS, TOP, duration_chart
from local_insights.store.contract import TimelinePoint

HOUR = TimeRange(1_769_860_800_000_000, 1_769_864_400_000_000)
STEP_US = HOUR.duration_us // STEPS


def at(step: int, average_ms: float) -> TimelinePoint:
    return TimelinePoint(HOUR.start_us + step * STEP_US, statistics(20, 0, average_ms))


def test_without_calls_there_is_no_chart_and_no_ticks() -> None:
    assert duration_chart([], HOUR) is None
    assert duration_chart([TimelinePoint(HOUR.start_us, CallStatistics())], HOUR) is None


def test_steps_without_calls_leave_a_gap_in_the_line() -> None:
    chart = duration_chart([at(0, 10), at(1, 10), at(5, 10), at(6, 10)], HOUR)
    assert chart is not None
    assert [series.line.count("M") for series in chart.series] == [2, 2]


def test_a_step_without_neighbours_is_a_dot() -> None:
    chart = duration_chart([at(3, 10)], HOUR)
    assert chart is not None
    assert [(series.line, len(series.dots)) for series in chart.series] == [("", 1), ("", 1)]


def test_ticks_are_round_and_reach_the_highest_value() -> None:
    chart = duration_chart([at(0, 90), at(1, 130)], HOUR)
    assert chart is not None
    assert [tick.words for tick in chart.ticks] == ["0", "100 ms", "200 ms", "300 ms", "400 ms"]
    assert (chart.ticks[0].y, chart.ticks[-1].y) == (BOTTOM, TOP)


def test_calls_that_took_no_time_lie_on_the_axis() -> None:
    chart = duration_chart([TimelinePoint(HOUR.start_us, CallStatistics(3, 0, 0, {0: 3}))], HOUR)
    assert chart is not None
    assert chart.series[0].dots[0][1] == BOTTOM


def test_the_chart_says_in_words_what_it_shows() -> None:
    chart = duration_chart([at(0, 100)], HOUR)
    assert chart is not None
    assert "p95 up to" in chart.summary
    assert (chart.start_words, chart.end_words) == ("12:00", "13:00")
