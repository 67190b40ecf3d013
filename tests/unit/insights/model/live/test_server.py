"""The assignment of reports to seconds, and the delay of telemetry."""

import random

import pytest

from local_insights.model.live.second import Counts, Second
from local_insights.model.live.server import MAX_DELAY_S, Server, Source, delay_after, next_second
from support.live_reports import NOON_S

NOON = int(NOON_S)


def server(source: Source = Source.PROTOCOL) -> Server:
    return Server("id", source, "orders", "i1", "", "", NOON_S)


def test_first_report_is_assigned_to_the_current_second() -> None:
    assert next_second(None, NOON_S + 0.9) == NOON


def test_two_reports_within_one_second_are_assigned_to_two_seconds() -> None:
    assert next_second(NOON, NOON_S + 0.999) == NOON + 1


def test_report_a_few_milliseconds_late_is_assigned_to_the_next_second() -> None:
    assert next_second(NOON, NOON_S + 2.001) == NOON + 1


def test_report_after_a_pause_is_assigned_by_the_clock() -> None:
    assert next_second(NOON, NOON_S + 7.5) == NOON + 7


def test_jitter_causes_no_gap() -> None:
    chance = random.Random(7)  # noqa: S311 (sample data)
    observed = server()
    for step in range(300):
        observed.report(Second(Counts(requests=1)), NOON_S + step + 0.0005 + chance.uniform(-0.02, 0.02))
    assert [NOON + step in observed.seconds for step in range(1, 299)] == [True] * 298


def test_slow_server_causes_no_gap() -> None:
    observed = server()
    for step in range(300):
        observed.report(Second(Counts(requests=1)), NOON_S + step * 1.01)
    assert all(NOON + step in observed.seconds for step in range(300))


def test_delay_is_the_age_of_the_oldest_item_of_a_batch() -> None:
    assert delay_after(0.0, 4.9, 5.0) == 4.9
    assert delay_after(4.9, 5.2, 5.0) == 5.2


def test_delay_decreases_by_a_tenth_of_a_second_per_second() -> None:
    assert delay_after(15.0, 0.5, 1.0) == pytest.approx(14.9)
    assert delay_after(0.55, 0.5, 1.0) == 0.5


def test_delay_is_limited_and_never_negative() -> None:
    assert delay_after(0.0, 100.0, 1.0) == MAX_DELAY_S
    assert delay_after(0.0, -3.0, 1.0) == 0.0


@pytest.mark.parametrize(("source", "online_s"), [(Source.PROTOCOL, 20), (Source.TELEMETRY, 60)])
def test_idle_server_is_online_for_a_while(source: Source, online_s: int) -> None:
    observed = server(source)
    assert observed.is_online(NOON_S + online_s)
    assert not observed.is_online(NOON_S + online_s + 0.1)


def test_telemetry_of_a_clock_that_is_ahead_is_counted_now() -> None:
    observed = server(Source.TELEMETRY)
    observed.add({NOON + 3600: Second(Counts(requests=2))}, (), NOON_S + 0.5)
    assert observed.seconds == {NOON: Second(Counts(requests=2))}
