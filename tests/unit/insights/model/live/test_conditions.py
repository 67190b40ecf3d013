"""Conditions: validation and evaluation."""

import pytest

from local_insights.model.live.conditions import (
    Condition,
    ConditionError,
    Predicate,
    TelemetryType,
    check,
    evaluate,
    time_span,
    time_span_ms,
)

FIELDS = {"Name": "POST /values", "ResponseCode": "500", "Duration": "1500.0", "Success": "false"}


@pytest.mark.parametrize(
    ("field", "predicate", "comparand", "expected"),
    [
        ("Name", "Equal", "post /values", True),
        ("Name", "NotEqual", "post /values", False),
        ("Name", "Contains", "VALUES", True),
        ("Name", "DoesNotContain", "values", False),
        ("Name", "DoesNotContain", "orders", True),
        ("ResponseCode", "GreaterThanOrEqual", "500", True),
        ("ResponseCode", "LessThan", "500", False),
        ("Duration", "GreaterThan", "0.00:00:01.4", True),
        ("Duration", "GreaterThan", "0.00:00:01.5", False),
        ("Duration", "LessThanOrEqual", "0.00:00:01.500", True),
        ("Success", "Equal", "false", True),
        ("Success", "NotEqual", "false", False),
        ("Url", "Contains", "x", None),
    ],
)
def test_condition_is_evaluated(field: str, predicate: str, comparand: str, expected: bool | None) -> None:  # noqa: FBT001
    assert evaluate(Condition(field, Predicate(predicate), comparand), FIELDS.get) is expected


def test_condition_on_a_value_that_is_not_a_number_has_no_result() -> None:
    assert evaluate(Condition("ResultCode", Predicate.EQUAL, "0"), {"ResultCode": "ECONNREFUSED"}.get) is None


@pytest.mark.parametrize(
    ("kind", "field", "predicate", "comparand"),
    [
        ("Request", "Target", "Equal", "x"),
        ("Exception", "Name", "Equal", "x"),
        ("Request", "Name", "GreaterThan", "x"),
        ("Request", "Name", "Equal", ""),
        ("Request", "*", "Equal", "x"),
        ("Request", "Success", "Contains", "true"),
        ("Request", "Success", "Equal", "yes"),
        ("Request", "Duration", "GreaterThan", "500 ms"),
        ("Request", "ResponseCode", "Equal", "5xx"),
        ("Request", "ResponseCode", "Contains", "50"),
        ("Request", "CustomDimensions.", "Equal", "x"),
    ],
)
def test_condition_that_servers_reject_is_rejected(kind: str, field: str, predicate: str, comparand: str) -> None:
    with pytest.raises(ConditionError):
        check(TelemetryType(kind), Condition(field, Predicate(predicate), comparand))


@pytest.mark.parametrize("field", ["Url", "CustomDimensions.tenant", "*"])
def test_condition_on_text_is_accepted(field: str) -> None:
    check(TelemetryType.REQUEST, Condition(field, Predicate.CONTAINS, "x"))


@pytest.mark.parametrize("duration_ms", [0, 1, 999, 61_001, 90_061_500])
def test_formatted_time_span_is_parsed_to_the_same_duration(duration_ms: int) -> None:
    assert time_span_ms(time_span(duration_ms)) == duration_ms
