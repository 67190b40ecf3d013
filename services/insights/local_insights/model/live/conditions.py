"""Conditions on telemetry, for custom metrics and for the feed.

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
    """Telemetry types to which conditions apply."""

    REQUEST = "Request"
    DEPENDENCY = "Dependency"
    EXCEPTION = "Exception"
    EVENT = "Event"
    TRACE = "Trace"


class Predicate(StrEnum):
    """The comparison of a field with a value."""

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
"""Fields that every server supports; `*` is any field, `CustomDimensions.<name>` a custom property."""

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
    """A condition that servers would reject. The text states what was expected."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one field with a value.

    `comparand` is text, as in the protocol: a duration as `d.hh:mm:ss.fff`, success as `true` or `false`.
    """

    field: str
    predicate: Predicate
    comparand: str


Lookup = Callable[[str], str | None]
"""Returns the value of a field as text (a duration in milliseconds, success as `true` or `false`), or None.

For `*`, it returns all values, one per line.
"""


def check(telemetry_type: TelemetryType, condition: Condition) -> None:
    """Reject a condition that no server supports.

    Raises:
        ConditionError: the telemetry type has no such field, or predicate or value is not valid for the field.
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
        message = f"{field} needs a value to compare with."
        raise ConditionError(message)
    if field == ANY_FIELD and predicate not in {Predicate.CONTAINS, Predicate.DOES_NOT_CONTAIN}:
        message = f"{ANY_FIELD} supports Contains and DoesNotContain, not {predicate}."
        raise ConditionError(message)
    if field == SUCCESS and (predicate not in {Predicate.EQUAL, Predicate.NOT_EQUAL} or not _is_flag(condition)):
        message = "Success supports Equal and NotEqual, with true or false."
        raise ConditionError(message)
    if field in _NUMBER_FIELDS and (predicate not in _COMPARISONS or _comparand(condition) is None):
        what = "a duration such as 0.00:00:01.5" if field == DURATION else "a whole number"
        message = f"{field} is a number: expected {what}, and Equal, NotEqual, LessThan or GreaterThan."
        raise ConditionError(message)
    if field not in _NUMBER_FIELDS and field != SUCCESS and predicate not in _TEXT_PREDICATES:
        message = f"{field} is text: expected Equal, NotEqual, Contains or DoesNotContain, not {predicate}."
        raise ConditionError(message)


def evaluate(condition: Condition, lookup: Lookup) -> bool | None:
    """Return whether an item meets the condition; None when the item does not have the field."""
    value = lookup(condition.field)
    if value is None:
        return None
    if condition.field in _NUMBER_FIELDS:
        return _compare_numbers(condition, value)
    text, comparand = value.casefold(), condition.comparand.casefold()
    found = text == comparand if condition.predicate in {Predicate.EQUAL, Predicate.NOT_EQUAL} else comparand in text
    return found is not (condition.predicate in _NEGATIONS)


def time_span(duration_ms: float) -> str:
    """Format a duration as `d.hh:mm:ss.fff`, the format of conditions."""
    whole_s, milliseconds = divmod(round(duration_ms), 1000)
    minutes, seconds = divmod(whole_s, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def time_span_ms(text: str) -> float | None:
    """Parse `d.hh:mm:ss[.fff]` into milliseconds; None for another format."""
    match = _TIME_SPAN.fullmatch(text.strip())
    if match is None:
        return None
    days, hours, minutes, seconds = match.groups()
    return ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60_000 + float(seconds) * 1000


def _compare_numbers(condition: Condition, value: str) -> bool | None:
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
