"""The forms of the page: what the feed shows, and the custom metrics."""

from collections.abc import Mapping
from dataclasses import replace

from local_insights.http.query_params import QueryError
from local_insights.model.live.conditions import (
    ANY_FIELD,
    CUSTOM_DIMENSION,
    DURATION,
    FIELDS,
    Condition,
    ConditionError,
    Predicate,
    TelemetryType,
    check,
    time_span,
)
from local_insights.model.live.configuration import (
    CAN_FAIL,
    COUNT,
    FAILED,
    MAX_METRICS,
    PROJECTED_DURATION,
    CustomMetric,
    FeedRule,
    LiveConfiguration,
)
from local_insights.model.live.second import Aggregation
from local_insights.portal.formats import clip

NONE, FAILED_ONLY, ALL = "none", "failed", "all"
TEXT_LIMIT = 200
FIGURES: dict[str, tuple[str, Aggregation]] = {
    "Count": (COUNT, Aggregation.SUM),
    "Average duration": (PROJECTED_DURATION, Aggregation.AVERAGE),
    "Longest duration": (PROJECTED_DURATION, Aggregation.MAXIMUM),
    "Shortest duration": (PROJECTED_DURATION, Aggregation.MINIMUM),
}
"""What a custom metric can be of items, by the words of the form."""


def with_feed(configuration: LiveConfiguration, form: Mapping[str, str]) -> LiveConfiguration:
    """The configuration with another feed: `Request=failed`, `Trace=none`, …, and `text` that all of it contains.

    Raises:
        QueryError: a choice is none of those offered, or the text is too long.
    """
    text = _short(form, "text")
    contains = (Condition(ANY_FIELD, Predicate.CONTAINS, text),) if text else ()
    rules = []
    for kind in TelemetryType:
        choice = form.get(kind, NONE)
        offered = choices_of(kind)
        if choice not in offered:
            message = f"{kind}={clip(choice, TEXT_LIMIT)} is not a choice."
            raise QueryError(message, f"Expected one of {', '.join(offered)}.")
        if choice != NONE:
            rules.append(FeedRule(kind, ((FAILED,) if choice == FAILED_ONLY else ()) + contains))
    return replace(configuration, feed=tuple(rules))


def with_metric(configuration: LiveConfiguration, form: Mapping[str, str]) -> LiveConfiguration:
    """The configuration with one more custom metric.

    The form's `type` and `figure` say what is counted; `field`, `predicate` and `value` which items count, all of them
    when the value is empty. A duration is compared with milliseconds.

    Raises:
        QueryError: servers could not follow it, or there are as many metrics as there can be.
    """
    if len(configuration.metrics) >= MAX_METRICS:
        message = f"There are {MAX_METRICS} custom metrics already."
        raise QueryError(message, "Remove one first.")
    kind = TelemetryType(_offered(form, "type", [*TelemetryType]))
    projection, aggregation = FIGURES[_offered(form, "figure", list(FIGURES))]
    if projection == PROJECTED_DURATION and kind not in CAN_FAIL:
        message = f"type={kind} has no duration."
        raise QueryError(message, "Expected Request or Dependency, or figure=Count.")
    metric = CustomMetric(kind, projection, aggregation, _conditions(kind, form))
    others = tuple(one for one in configuration.metrics if one.id != metric.id)
    return replace(configuration, metrics=(*others, metric))


def without_metric(configuration: LiveConfiguration, form: Mapping[str, str]) -> LiveConfiguration:
    """The configuration without the custom metric whose id is the form's `id`."""
    return replace(configuration, metrics=tuple(one for one in configuration.metrics if one.id != form.get("id", "")))


def choices_of(kind: TelemetryType) -> dict[str, str]:
    """What can be asked of one kind of telemetry, with the words for it."""
    return {FAILED_ONLY: "failed", ALL: "all", NONE: "none"} if kind in CAN_FAIL else {ALL: "all", NONE: "none"}


def chosen(configuration: LiveConfiguration, kind: TelemetryType) -> str:
    """The choice in force for one kind of telemetry."""
    rules = [rule for rule in configuration.feed if rule.telemetry_type == kind]
    if not rules:
        return NONE
    return FAILED_ONLY if all(rule.failures_only for rule in rules) else ALL


def feed_text(configuration: LiveConfiguration) -> str:
    """The text that all of the feed contains; empty when there is none."""
    texts = (one.comparand for rule in configuration.feed for one in rule.conditions if one.field == ANY_FIELD)
    return next(texts, "")


def fields() -> list[str]:
    """All fields that a condition can name, custom properties aside."""
    return [*dict.fromkeys(field for known in FIELDS.values() for field in known), ANY_FIELD]


def _conditions(kind: TelemetryType, form: Mapping[str, str]) -> tuple[Condition, ...]:
    value = _short(form, "value")
    if not value:
        return ()
    field = _short(form, "field")
    if field.startswith(CUSTOM_DIMENSION.lower()):
        field = CUSTOM_DIMENSION + field[len(CUSTOM_DIMENSION) :]
    predicate = Predicate(_offered(form, "predicate", [*Predicate]))
    if field == DURATION:
        value = _time_span(value)
    condition = Condition(field, predicate, value)
    try:
        check(kind, condition)
    except ConditionError as error:
        message = f"field={field} predicate={predicate} value={value} is not a condition that servers understand."
        raise QueryError(message, str(error)) from error
    return (condition,)


def _time_span(milliseconds: str) -> str:
    number = milliseconds.lower().removesuffix("ms").strip()
    if number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004 - eleven days
        return time_span(float(number))
    return milliseconds


def _offered(form: Mapping[str, str], name: str, offered: list[str]) -> str:
    value = form.get(name, "")
    if value not in offered:
        message = f"{name}={clip(value, TEXT_LIMIT)} is not a choice."
        raise QueryError(message, f"Expected one of {', '.join(offered)}.")
    return value


def _short(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "").strip()
    if len(value) > TEXT_LIMIT:
        message = f"{name} is {len(value)} characters long."
        raise QueryError(message, f"Expected {TEXT_LIMIT} at most.")
    return value
