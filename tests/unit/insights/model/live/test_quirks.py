"""One test per quirk of an SDK: what it sends, and the normalized value."""

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


def test_rates_of_python_exclude_failures() -> None:
    found = values(normalize(point({RATE: 3, FAILED: 2, CALLS_FAILED: 4}, sdk=PYTHON)))
    assert (found[RATE], found[FAILED]) == (5, 2)
    assert (found[CALLS], found[CALLS_FAILED]) == (4, 4)


@pytest.mark.parametrize("sdk", [JAVASCRIPT, DOTNET])
def test_rates_of_other_sdks_include_failures(sdk: str) -> None:
    assert values(normalize(point({RATE: 3, FAILED: 2}, sdk=sdk)))[RATE] == 3


def test_durations_of_python_are_seconds() -> None:
    found = values(normalize(point({DURATION: 0.054, CALL_DURATION: 0.002, "m-1": 0.5, "m-2": 7}, sdk=PYTHON), {"m-1"}))
    assert found[DURATION] == pytest.approx(54)
    assert found[CALL_DURATION] == pytest.approx(2)
    assert found["m-1"] == pytest.approx(500)
    assert found["m-2"] == 7


@pytest.mark.parametrize("sdk", [JAVASCRIPT, DOTNET])
def test_durations_of_other_sdks_are_milliseconds(sdk: str) -> None:
    assert values(normalize(point({DURATION: 54}, sdk=sdk), {"m-1"}))[DURATION] == 54


def test_first_rates_of_javascript_are_divided_by_the_seconds_since_1970() -> None:
    found = values(normalize(point({RATE: 2.3e-9, CALLS: 4}, sdk=JAVASCRIPT)))
    assert found[RATE] == 0
    assert found[CALLS] == 4


def test_custom_duration_of_0_is_dropped() -> None:
    found = values(normalize(point({"m-1": 0, "m-2": 0}, sdk=PYTHON), {"m-1"}))
    assert found == {"m-2": 0}


def test_negative_rate_is_0() -> None:
    assert values(normalize(point({RATE: -5})))[RATE] == 0


def test_weight_of_a_mean_duration_is_its_number_of_calls() -> None:
    found = normalize(point({RATE: 8, DURATION: 20}, sdk=JAVASCRIPT))
    assert found.metrics[DURATION] == WeightedValue(20, 8)


def test_weight_of_dotnet_is_not_changed() -> None:
    found = normalize(point({RATE: 8, DURATION: (20, 5)}, sdk=DOTNET))
    assert found.metrics[DURATION] == WeightedValue(20, 5)


def test_older_sdks_send_other_names_for_memory_and_cpu() -> None:
    found = values(normalize(point({OLD_MEMORY: 100, OLD_CPU: 7})))
    assert (found[MEMORY], found[CPU]) == (100, 7)


def test_current_names_have_precedence() -> None:
    found = values(normalize(point({OLD_MEMORY: 100, MEMORY: 120, OLD_CPU: 7, CPU: 2})))
    assert (found[MEMORY], found[CPU]) == (120, 2)


def test_exception_that_python_logs_within_a_span_is_counted_once() -> None:
    twice = (
        sent("exception", ExceptionType="ZeroDivisionError", Message="division by zero"),
        sent("exception", ExceptionType="", Message="division by zero"),
        sent("exception", ExceptionType="", Message="another"),
    )
    found = normalize(point({EXCEPTIONS: 3}, *twice, sdk=PYTHON))
    assert values(found)[EXCEPTIONS] == 2
    assert [one.document.detail for one in found.documents] == ["division by zero", "another"]


def test_exceptions_of_other_sdks_are_not_changed() -> None:
    twice = (sent("exception", ExceptionType="E", Message="m"), sent("exception", ExceptionType="", Message="m"))
    found = normalize(point({EXCEPTIONS: 2}, *twice, sdk=DOTNET))
    assert (values(found)[EXCEPTIONS], len(found.documents)) == (2, 2)


@pytest.mark.parametrize(("sdk", "code", "expected"), [(JAVASCRIPT, "NaN", ""), (PYTHON, "0", ""), (DOTNET, "0", "0")])
def test_placeholder_result_codes_are_dropped(sdk: str, code: str, expected: str) -> None:
    found = normalize(point({}, sent("dependency", ResultCode=code), sent("request", ResponseCode="500"), sdk=sdk))
    assert [one.document.result_code for one in found.documents] == [expected, "500"]
    assert ("ResultCode" in found.documents[0].fields) == bool(expected)
