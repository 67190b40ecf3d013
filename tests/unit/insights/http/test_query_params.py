from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.http.query_params import QueryError, time_query

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)


def test_default_range_is_the_last_hour() -> None:
    read = time_query({}, NOW)
    assert (read.time_range.start, read.time_range.end) == (NOW - timedelta(hours=1), NOW)
    assert read.label == "the last hour"


@pytest.mark.parametrize(
    ("since", "length", "label"),
    [
        ("30m", timedelta(minutes=30), "the last 30 minutes"),
        ("4h", timedelta(hours=4), "the last 4 hours"),
        ("1d", timedelta(days=1), "the last day"),
    ],
)
def test_since_is_a_number_and_a_unit(since: str, length: timedelta, label: str) -> None:
    read = time_query({"since": since}, NOW)
    assert read.time_range.end - read.time_range.start == length
    assert read.label == label


def test_parameters_of_a_relative_range_stay_relative() -> None:
    assert time_query({"since": "4h"}, NOW).parameters == {"since": "4h"}


def test_parameters_of_a_fixed_range_request_the_same_range_later() -> None:
    read = time_query({"from": "2026-01-31T12:00:00Z", "to": "2026-01-31T14:30:00+01:00"}, NOW)
    assert read.time_range.start == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert read.time_range.end == datetime(2026, 1, 31, 13, 30, tzinfo=UTC)
    assert time_query(read.parameters, NOW + timedelta(days=1)).time_range == read.time_range


def test_missing_end_is_now() -> None:
    assert time_query({"from": "2026-01-31"}, NOW).time_range.end == NOW


def test_unescaped_plus_sign_of_an_offset_is_accepted() -> None:
    read = time_query({"from": "2026-01-31T12:00:00 02:00"}, NOW)
    assert read.time_range.start == datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_time_without_offset_is_utc() -> None:
    assert time_query({"from": "2026-01-31T12:00"}, NOW).time_range.start == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"since": "banana"}, "since=banana"),
        ({"since": "0h"}, "since=0h"),
        ({"since": "1w"}, "since=1w"),
        ({"since": "-1h"}, "since=-1h"),
        ({"since": "999999d"}, "since=999999d"),
        ({"since": "٣h"}, "since=٣h"),
        ({"from": "yesterday"}, "from=yesterday"),
        ({"from": "2026-01-31", "to": "noon"}, "to=noon"),
        ({"to": "2026-01-31"}, "to=2026-01-31"),
        ({"from": "2026-01-31T12:00", "to": "2026-01-31T11:00"}, "from=2026-01-31T12:00"),
        ({"from": "2027-01-01"}, "from=2027-01-01"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from=0001"),
        ({"since": "1h", "from": "2026-01-31"}, "since=1h"),
    ],
)
def test_invalid_value_is_rejected_with_the_value_and_the_expected_format(query: dict[str, str], problem: str) -> None:
    with pytest.raises(QueryError) as raised:
        time_query(query, NOW)
    assert raised.value.problem.startswith(problem)
    assert "since=" in raised.value.expected


@given(st.dictionaries(st.sampled_from(["since", "from", "to"]), st.text(max_size=40)))
def test_any_text_is_read_or_rejected_property(query: dict[str, str]) -> None:
    try:
        read = time_query(query, NOW)
    except QueryError:
        return
    assert read.time_range.start_us < read.time_range.end_us
