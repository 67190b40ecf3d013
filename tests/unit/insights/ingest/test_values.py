"""Parsing of durations, times, ids and severities as SDKs send them."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.ingest.values import (
    MAX_DURATION_US,
    MAX_ITEM_COUNT,
    duration_us,
    finite_number,
    item_count,
    severity,
    span_id,
    time_us,
    trace_id,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (7, 7.0),
        ("1.5", 1.5),
        (True, None),
        (None, None),
        ("x", None),
        ([1], None),
        (math.nan, None),
        ("inf", None),
        (10**400, None),
    ],
)
def test_only_finite_numbers_are_numbers(sent: object, number: float | None) -> None:
    assert finite_number(sent) == number


@pytest.mark.parametrize(
    ("sent", "expected_us"),
    [
        ("0.00:00:00.051", 51_000),
        ("0.00:00:00.40", 400_000),
        ("00:00:00.4", 400_000),
        ("00:00:00.400000", 400_000),
        ("00:00:00.0404469", 40_447),
        ("00:00:00.000000499", 0),
        ("00:00:00.999999999999", 1_000_000),
        ("00:00:00", 0),
        ("00:00:01", 1_000_000),
        ("1:2:3", 3_723_000_000),
        ("00:00:00.100", 100_000),
        ("2.03:04:05.678", 183_845_678_000),
        ("2:03:04:05.6780000", 183_845_678_000),
        ("00:00:61", 61_000_000),
        (" 00:00:01 ", 1_000_000),
        ("999.23:59:59.999999", MAX_DURATION_US),
        ("1000.00:00:00", MAX_DURATION_US),
        ("-00:00:01", 0),
        (12.5, 12_500),
        (12, 12_000),
        ("12.5", 12_500),
        (-3, 0),
        (1e300, MAX_DURATION_US),
        (None, None),
        ("", None),
    ],
)
def test_duration_is_parsed_in_every_format(sent: str | float | None, expected_us: int | None) -> None:
    assert duration_us(sent) == expected_us


@pytest.mark.parametrize(
    "sent",
    [
        "soon",
        "1:2",
        "\u0660:\u0660:\u0661",
        "PT1S",
        "nan",
        "inf",
        "00:00:00.",
        "::",
        "0" * 20 + ":0:x",
    ],
)
def test_invalid_duration_is_rejected_with_the_expected_format(sent: str) -> None:
    with pytest.raises(ValueError, match=r"duration: expected d\.hh:mm:ss"):
        duration_us(sent)


@given(st.integers(0, 10**12))
def test_duration_is_exact_to_the_microsecond(us: int) -> None:
    seconds, fraction = divmod(us, 1_000_000)
    days, rest = divmod(seconds, 86_400)
    assert duration_us(f"{days}.{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{fraction:06}") == us


def test_time_without_zone_is_utc() -> None:
    naive = datetime(2026, 11, 23, 3, 46, 50, 65189)  # noqa: DTZ001 (as OpenCensus sends its metrics)
    assert time_us(naive) == time_us(naive.replace(tzinfo=UTC)) == 1_795_405_610_065_189
    assert time_us(naive.replace(tzinfo=timezone(timedelta(hours=1)))) == 1_795_405_610_065_189 - 3_600_000_000


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+23:59", "1969-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "9999-12-31T23:59:59-23:59"]
)
def test_time_out_of_range_is_rejected_with_the_expected_range(time: str) -> None:
    with pytest.raises(ValueError, match=r"time: expected a time between 1970 and 2262, got \d{4}-"):
        time_us(datetime.fromisoformat(time))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 (bounds are naive)
def test_time_is_exact_to_the_microsecond(time: datetime) -> None:
    assert time_us(time) == (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("rate", "count"),
    [
        (None, 1),
        (100.0, 1),
        (50.0, 2),
        (33.3, 3),
        (0.0, 1),
        (-5.0, 1),
        (250.0, 1),
        (1e-300, MAX_ITEM_COUNT),
        (5e-324, MAX_ITEM_COUNT),
    ],
)
def test_item_count_is_derived_from_the_sampling_rate(rate: float | None, count: int) -> None:
    assert item_count(rate) == count


@pytest.mark.parametrize(
    ("sent", "bare"),
    [
        (SPAN, SPAN),
        (SPAN.upper(), SPAN),
        (f"|{TRACE}.{SPAN}.", SPAN),
        (f"|{TRACE}.{SPAN}", SPAN),
        (f"|{TRACE}.{SPAN}_", SPAN),
        ("|root.1.2.", "root.1.2"),
        ("|root.1.2_", "root.1.2"),
        (f"|{'0' * 32}.{'0' * 16}.", ""),
        ("0" * 16, ""),
        ("", ""),
        ("|", ""),
    ],
)
def test_span_id_is_the_same_for_every_format(sent: str, bare: str) -> None:
    assert span_id(sent) == bare


@pytest.mark.parametrize(
    ("sent", "parent", "bare"),
    [
        (TRACE, "", TRACE),
        (TRACE.upper(), "|other.1.", TRACE),
        ("0" * 32, "", ""),
        ("", f"|{TRACE}.{SPAN}.", TRACE),
        ("", SPAN, ""),
        ("", f"|{'0' * 32}.{'0' * 16}.", ""),
    ],
)
def test_operation_id_is_lower_case_or_the_root_of_the_parent(sent: str, parent: str, bare: str) -> None:
    assert trace_id(sent, parent) == bare


@pytest.mark.parametrize(
    ("sent", "level"),
    [(0, 0), (4, 4), ("Warning", 2), ("error", 3), ("2", 2), (7, None), (-1, None), ("loud", None), (None, None)],
)
def test_severity_is_parsed_from_number_or_name(sent: int | str | None, level: int | None) -> None:
    assert severity(sent) == level
