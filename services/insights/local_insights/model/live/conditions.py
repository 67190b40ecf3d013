"""Conditions on telemetry: which items make a custom metric, and which the feed shows.

Reference:
    `DerivedMetricInfo` and `FilterInfo` of the Live Metrics service's API, version 2024-04-01-preview.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne

ANY_FIELD = "*"
CUSTOM_DIMENSION = "CustomDimensions."
DURATION = "Duration"
SUCCESS = "Success"
_NUMBER_FIELDS = frozenset({"ResponseCode", "ResultCode", DURATION})
_TIME_SPAN = re.compile(r"(\d{1,6})\.(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,7})?)", re.ASCII)


class TelemetryType(StrEnum):
    """Kinds of telemetry that conditions speak of."""

    REQUEST = "Request"
    DEPENDENCY = "Dependency"
    EXCEPTION = "Exception"
    EVENT = "Event"
    TRACE = "Trace"


class Predicate(StrEnum):
    """How a field is compared."""

    EQUAL = "Equal"
    NOT_EQUAL = "NotEqual"
    LESS = "LessThan"
    GREATER = "GreaterThan"
    LESS_OR_EQUAL = "LessThanOrEqual"
    GREATER_OR_EQUAL = "GreaterThanOrEqual"
    CONTAINS = "Contains"
    DOES_NOT_CONTAIN = "DoesNotContain"


FIELDS: dict[TelemetryType, tuple[str, ...]] = {
    TelemetryType.REQUEST: ("Name", "Url", "ResponseCode", SUCCESS, DURATION),
    TelemetryType.DEPENDENCY: ("Name", "Target", "Data", "Type", "ResultCode", SUCCESS, DURATION),
    TelemetryType.EXCEPTION: ("Exception.Message", "Exception.StackTrace"),
    TelemetryType.EVENT: ("Name",),
    TelemetryType.TRACE: ("Message",),
}
"""Fields that every server understands; `*` is any of them, `CustomDimensions.<name>` a custom property."""

_COMPARISONS: dict[Predicate, Callable[[float, float], bool]] = {
    Predicate.EQUAL: eq,
    Predicate.NOT_EQUAL: ne,
    Predicate.LESS: lt,
    Predicate.GREATER: gt,
    Predicate.LESS_OR_EQUAL: le,
    Predicate.GREATER_OR_EQUAL: ge,
}
_TEXT_PREDICATES = frozenset({Predicate.EQUAL, Predicate.NOT_EQUAL, Predicate.CONTAINS, Predicate.DOES_NOT_CONTAIN})
_NEGATIONS = frozenset({Predicate.NOT_EQUAL, Predicate.DOES_NOT_CONTAIN})


class ConditionError(ValueError):
    """A condition that servers would refuse; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one field with a value.

    `comparand` is text, as servers want it: a duration as `d.hh:mm:ss.fff`, success as `true` or `false`.
    """

    field: str
    predicate: Predicate
    comparand: str


Lookup = Callable[[str], str | None]
"""The value of a field as text (a duration in milliseconds, success as `true` or `false`); None where it is unknown.

For `*` it is all values, a line each.
"""


def check(telemetry_type: TelemetryType, condition: Condition) -> None:
    """Refuse a condition that no server could follow.

    Raises:
        ConditionError: the field is not one of the kind's, or the predicate or value does not suit the field.
    """
    field, predicate = condition.field, condition.predicate
    known = FIELDS[telemetry_type]
    if field not in (*known, ANY_FIELD) and not (
        field.startswith(CUSTOM_DIMENSION) and len(field) > len(CUSTOM_DIMENSION)
    ):
        message = (
            f"{field!r} is not a field of {telemetry_type}; expected {', '.join(known)}, "
            f"{ANY_FIELD} or {CUSTOM_DIMENSION}<name>."
        )
        raise ConditionError(message)
    if not condition.comparand:
        message = f"{field} needs a value to be compared with."
        raise ConditionError(message)
    if field == ANY_FIELD and predicate not in {Predicate.CONTAINS, Predicate.DOES_NOT_CONTAIN}:
        message = f"{ANY_FIELD} can be compared by Contains and DoesNotContain only, not by {predicate}."
        raise ConditionError(message)
    if field == SUCCESS and (predicate not in {Predicate.EQUAL, Predicate.NOT_EQUAL} or not _is_flag(condition)):
        message = "Success can be Equal or NotEqual to true or false."
        raise ConditionError(message)
    if field in _NUMBER_FIELDS and (predicate not in _COMPARISONS or _comparand(condition) is None):
        what = "a duration such as 0.00:00:01.5" if field == DURATION else "a whole number"
        message = f"{field} is a number: expected {what}, compared by Equal, LessThan and the like."
        raise ConditionError(message)
    if field not in _NUMBER_FIELDS and field != SUCCESS and predicate not in _TEXT_PREDICATES:
        message = f"{field} is text: expected Equal, NotEqual, Contains or DoesNotContain, not {predicate}."
        raise ConditionError(message)


def evaluate(condition: Condition, lookup: Lookup) -> bool | None:
    """Whether the condition evaluate for an item; None when the item does not tell."""
    value = lookup(condition.field)
    if value is None:
        return None
    if condition.field in _NUMBER_FIELDS:
        return _number_holds(condition, value)
    text, comparand = value.casefold(), condition.comparand.casefold()
    found = text == comparand if condition.predicate in {Predicate.EQUAL, Predicate.NOT_EQUAL} else comparand in text
    return found is not (condition.predicate in _NEGATIONS)


def time_span(duration_ms: float) -> str:
    """A duration as conditions write it: `d.hh:mm:ss.fff`."""
    whole_s, milliseconds = divmod(round(duration_ms), 1000)
    minutes, seconds = divmod(whole_s, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def time_span_ms(text: str) -> float | None:
    """Milliseconds of `d.hh:mm:ss[.fff]`; None when it is none."""
    match = _TIME_SPAN.fullmatch(text.strip())
    if match is None:
        return None
    days, hours, minutes, seconds = match.groups()
    return ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60_000 + float(seconds) * 1000


def _number_holds(condition: Condition, value: str) -> bool | None:
    comparand = _comparand(condition)
    try:
        number = float(value)
    except ValueError:
        return None
    return None if comparand is None else _COMPARISONS[condition.predicate](number, comparand)


def _comparand(condition: Condition) -> float | None:
    if condition.field == DURATION:
        return time_span_ms(condition.comparand)
    return float(condition.comparand) if re.fullmatch(r"-?\d{1,9}", condition.comparand, re.ASCII) else None


def _is_flag(condition: Condition) -> bool:
    return condition.comparand.lower() in {"true", "false"}
