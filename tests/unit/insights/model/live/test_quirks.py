"""One peculiarity of an SDK, one test: what it sends, and what it means."""

import pytest

from local_insights.model.live.quirks import normalize
from local_insights.model.live.second import WeightedValue
from support.live_reports import (
    CALL_DURATION,
    CALLS,
    CALLS_FAILED,
    CPU,
    DOTNET,
    DURATION,
    EXCEPTIONS,
    FAILED,
    JAVASCRIPT,
    MEMORY,
    PYTHON,
    RATE,
    point,
    sent,
    values,
)

OLD_MEMORY = r"\Memory\Committed Bytes"
OLD_CPU = r"\Processor(_Total)\% Processor Time"


def test_rates_of_python_leave_out_what_failed() -> None:
    found = values(normalize(point({RATE: 3, FAILED: 2, CALLS_FAILED: 4}, sdk=PYTHON)))
    assert (found[RATE], found[FAILED]) == (5, 2)
    assert (found[CALLS], found[CALLS_FAILED]) == (4, 4)


@pytest.mark.parametrize("sdk", [JAVASCRIPT, DOTNET])
def test_rates_of_others_hold_what_failed(sdk: str) -> None:
    assert values(normalize(point({RATE: 3, FAILED: 2}, sdk=sdk)))[RATE] == 3


def test_durations_of_python_are_seconds() -> None:
    found = values(normalize(point({DURATION: 0.054, CALL_DURATION: 0.002, "m-1": 0.5, "m-2": 7}, sdk=PYTHON), {"m-1"}))
    assert found[DURATION] == pytest.approx(54)
    assert found[CALL_DURATION] == pytest.approx(2)
    assert found["m-1"] == pytest.approx(500)
    assert found["m-2"] == 7


@pytest.mark.parametrize("sdk", [JAVASCRIPT, DOTNET])
def test_durations_of_others_are_milliseconds(sdk: str) -> None:
    assert values(normalize(point({DURATION: 54}, sdk=sdk), {"m-1"}))[DURATION] == 54


def test_first_rates_of_javascript_are_per_second_since_1970() -> None:
    found = values(normalize(point({RATE: 2.3e-9, CALLS: 4}, sdk=JAVASCRIPT)))
    assert found[RATE] == 0
    assert found[CALLS] == 4


def test_duration_of_nothing_is_not_zero_but_none() -> None:
    found = values(normalize(point({"m-1": 0, "m-2": 0}, sdk=PYTHON), {"m-1"}))
    assert found == {"m-2": 0}


def test_negative_rates_are_none() -> None:
    assert values(normalize(point({RATE: -5})))[RATE] == 0


def test_mean_duration_weighs_as_much_as_the_calls_it_is_the_mean_of() -> None:
    found = normalize(point({RATE: 8, DURATION: 20}, sdk=JAVASCRIPT))
    assert found.metrics[DURATION] == WeightedValue(20, 8)


def test_weight_of_dotnet_is_kept() -> None:
    found = normalize(point({RATE: 8, DURATION: (20, 5)}, sdk=DOTNET))
    assert found.metrics[DURATION] == WeightedValue(20, 5)


def test_older_sdks_know_memory_and_cpu_by_other_names() -> None:
    found = values(normalize(point({OLD_MEMORY: 100, OLD_CPU: 7})))
    assert (found[MEMORY], found[CPU]) == (100, 7)


def test_todays_names_go_before_the_old_ones() -> None:
    found = values(normalize(point({OLD_MEMORY: 100, MEMORY: 120, OLD_CPU: 7, CPU: 2})))
    assert (found[MEMORY], found[CPU]) == (120, 2)


def test_exception_that_python_logs_within_a_span_counts_once() -> None:
    twice = (
        sent("exception", ExceptionType="ZeroDivisionError", Message="division by zero"),
        sent("exception", ExceptionType="", Message="division by zero"),
        sent("exception", ExceptionType="", Message="another"),
    )
    found = normalize(point({EXCEPTIONS: 3}, *twice, sdk=PYTHON))
    assert values(found)[EXCEPTIONS] == 2
    assert [one.document.detail for one in found.documents] == ["division by zero", "another"]


def test_exceptions_of_others_are_what_they_are() -> None:
    twice = (sent("exception", ExceptionType="E", Message="m"), sent("exception", ExceptionType="", Message="m"))
    found = normalize(point({EXCEPTIONS: 2}, *twice, sdk=DOTNET))
    assert (values(found)[EXCEPTIONS], len(found.documents)) == (2, 2)


@pytest.mark.parametrize(("sdk", "code", "kept"), [(JAVASCRIPT, "NaN", ""), (PYTHON, "0", ""), (DOTNET, "0", "0")])
def test_result_codes_that_say_nothing_go(sdk: str, code: str, kept: str) -> None:
    found = normalize(point({}, sent("dependency", ResultCode=code), sent("request", ResponseCode="500"), sdk=sdk))
    assert [one.document.result_code for one in found.documents] == [kept, "500"]
    assert ("ResultCode" in found.documents[0].facts) == bool(kept)
