from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.http.query_error import QueryError
from local_insights.http.time_query import time_query

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)


def test_nothing_asked_is_the_last_hour() -> None:
    asked = time_query({}, NOW)
    assert (asked.time_range.start, asked.time_range.end) == (NOW - timedelta(hours=1), NOW)
    assert asked.words == "the last hour"


@pytest.mark.parametrize(
    ("since", "length", "words"),
    [
        ("30m", timedelta(minutes=30), "the last 30 minutes"),
        ("4h", timedelta(hours=4), "the last 4 hours"),
        ("1d", timedelta(days=1), "the last day"),
    ],
)
def test_since_is_a_number_and_a_unit(since: str, length: timedelta, words: str) -> None:
    asked = time_query({"since": since}, NOW)
    assert asked.time_range.end - asked.time_range.start == length
    assert asked.words == words


def test_links_ask_for_the_same_words_again_not_for_the_same_hour() -> None:
    assert time_query({"since": "4h"}, NOW).parameters == {"since": "4h"}


def test_a_range_by_its_ends_is_kept_with_both_ends() -> None:
    asked = time_query({"from": "2026-01-31T12:00:00Z", "to": "2026-01-31T14:30:00+01:00"}, NOW)
    assert asked.time_range.start == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert asked.time_range.end == datetime(2026, 1, 31, 13, 30, tzinfo=UTC)
    assert time_query(asked.parameters, NOW + timedelta(days=1)).time_range == asked.time_range


def test_a_missing_end_is_now() -> None:
    assert time_query({"from": "2026-01-31"}, NOW).time_range.end == NOW


def test_a_plus_sign_that_arrived_as_a_space_is_still_an_offset() -> None:
    asked = time_query({"from": "2026-01-31T12:00:00 02:00"}, NOW)
    assert asked.time_range.start == datetime(2026, 1, 31, 10, tzinfo=UTC)


def test_a_time_without_offset_is_utc() -> None:
    assert time_query({"from": "2026-01-31T12:00"}, NOW).time_range.start == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "came"),
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
def test_what_cannot_be_read_is_refused_with_what_came_and_what_was_expected(query: dict[str, str], came: str) -> None:
    with pytest.raises(QueryError) as refused:
        time_query(query, NOW)
    assert refused.value.came.startswith(came)
    assert "since=" in refused.value.expected


@given(st.dictionaries(st.sampled_from(["since", "from", "to"]), st.text(max_size=40)))
def test_any_text_gives_a_range_or_a_refusal(query: dict[str, str]) -> None:
    try:
        asked = time_query(query, NOW)
    except QueryError:
        return
    assert asked.time_range.start_us < asked.time_range.end_us
