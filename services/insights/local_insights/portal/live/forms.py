"""The forms of the page: the filter of the feed, and the custom metrics."""

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
AGGREGATES: dict[str, tuple[str, Aggregation]] = {
    "Count": (COUNT, Aggregation.SUM),
    "Average duration": (PROJECTED_DURATION, Aggregation.AVERAGE),
    "Longest duration": (PROJECTED_DURATION, Aggregation.MAXIMUM),
    "Shortest duration": (PROJECTED_DURATION, Aggregation.MINIMUM),
}
"""The aggregates that a custom metric can have, by their label in the form."""


def with_feed(configuration: LiveConfiguration, form: Mapping[str, str]) -> LiveConfiguration:
    """Return the configuration with another feed filter: `Request=failed`, `Trace=none`, …, and a `text` to match.

    Raises:
        QueryError: a choice is not offered, or the text is too long.
    """
    text = _short(form, "text")
    contains = (Condition(ANY_FIELD, Predicate.CONTAINS, text),) if text else ()
    rules = []
    for kind in TelemetryType:
        choice = form.get(kind, NONE)
        offered = choices_of(kind)
        if choice not in offered:
            message = f"{kind}={clip(choice, TEXT_LIMIT)} is invalid."
            raise QueryError(message, f"Expected one of {', '.join(offered)}.")
        if choice != NONE:
            rules.append(FeedRule(kind, ((FAILED,) if choice == FAILED_ONLY else ()) + contains))
    return replace(configuration, feed=tuple(rules))


def with_metric(configuration: LiveConfiguration, form: Mapping[str, str]) -> LiveConfiguration:
    """Return the configuration with one more custom metric.

    The form has the `type` of the items and the `aggregate`; `field`, `predicate` and `value` are a condition for the
    items, which is omitted when the value is empty. Durations are compared in milliseconds.

    Raises:
        QueryError: the metric is not valid in the protocol, or the maximum number of metrics exists.
    """
    if len(configuration.metrics) >= MAX_METRICS:
        message = f"{MAX_METRICS} custom metrics exist, which is the maximum."
        raise QueryError(message, "Remove one first.")
    kind = TelemetryType(_offered(form, "type", [*TelemetryType]))
    projection, aggregation = AGGREGATES[_offered(form, "aggregate", list(AGGREGATES))]
    if projection == PROJECTED_DURATION and kind not in CAN_FAIL:
        message = f"type={kind} has no duration."
        raise QueryError(message, "Expected Request or Dependency, or aggregate=Count.")
    metric = CustomMetric(kind, projection, aggregation, _conditions(kind, form))
    others = tuple(one for one in configuration.metrics if one.id != metric.id)
    return replace(configuration, metrics=(*others, metric))


def without_metric(configuration: LiveConfiguration, form: Mapping[str, str]) -> LiveConfiguration:
    """Return the configuration without the custom metric that has the id in the form's `id`."""
    return replace(configuration, metrics=tuple(one for one in configuration.metrics if one.id != form.get("id", "")))


def choices_of(kind: TelemetryType) -> dict[str, str]:
    """Return the filter choices of one type of telemetry, with their labels."""
    return {FAILED_ONLY: "failed", ALL: "all", NONE: "none"} if kind in CAN_FAIL else {ALL: "all", NONE: "none"}


def chosen(configuration: LiveConfiguration, kind: TelemetryType) -> str:
    """Return the current choice for one type of telemetry."""
    rules = [rule for rule in configuration.feed if rule.telemetry_type == kind]
    if not rules:
        return NONE
    return FAILED_ONLY if all(rule.failures_only for rule in rules) else ALL


def feed_text(configuration: LiveConfiguration) -> str:
    """Return the text that the feed is searched for; empty when there is none."""
    texts = (one.comparand for rule in configuration.feed for one in rule.conditions if one.field == ANY_FIELD)
    return next(texts, "")


def fields() -> list[str]:
    """Return all fields that a condition can use, except custom properties."""
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
        message = f"field={field} predicate={predicate} value={value} is not a valid condition."
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
        message = f"{name}={clip(value, TEXT_LIMIT)} is invalid."
        raise QueryError(message, f"Expected one of {', '.join(offered)}.")
    return value


def _short(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "").strip()
    if len(value) > TEXT_LIMIT:
        message = f"{name} has {len(value)} characters."
        raise QueryError(message, f"Expected {TEXT_LIMIT} at most.")
    return value
