"""The configuration of Live Metrics: custom metrics, and the rules of the feed."""

import hashlib
import re
from dataclasses import dataclass

from local_insights.model.live.conditions import (
    SUCCESS,
    Condition,
    Lookup,
    Predicate,
    TelemetryType,
    evaluate,
)
from local_insights.model.live.second import Aggregation

FEED_STREAM = "all-types-default"
"""The id of the only document stream. Azure's portal uses it, and SDKs recognize no other."""
MAX_METRICS = 4
CAN_FAIL = (TelemetryType.REQUEST, TelemetryType.DEPENDENCY)
"""Telemetry types with a success flag."""
FAILED = Condition(SUCCESS, Predicate.EQUAL, "false")
COUNT = "Count()"
PROJECTED_DURATION = "Duration"


@dataclass(frozen=True, slots=True)
class FeedRule:
    """A rule of the feed: it shows items of one type that meet every condition."""

    telemetry_type: TelemetryType
    conditions: tuple[Condition, ...] = ()

    @property
    def failures_only(self) -> bool:
        """True when the rule matches failed items only."""
        return FAILED in self.conditions


@dataclass(frozen=True, slots=True)
class CustomMetric:
    """A custom metric: a projection of the items that meet every condition, aggregated per second.

    `projection` is `Count()`, `Duration` (milliseconds; requests and dependencies) or `CustomDimensions.<name>`.
    """

    telemetry_type: TelemetryType
    projection: str
    aggregation: Aggregation
    conditions: tuple[Condition, ...] = ()

    @property
    def id(self) -> str:
        """A digest of the definition, so that values of another metric are never mistaken for this one's."""
        return f"m-{_digest(self)}"

    @property
    def title(self) -> str:
        """A description in one line."""
        what = {TelemetryType.DEPENDENCY: "dependencies"}.get(self.telemetry_type, f"{self.telemetry_type.lower()}s")
        where = " and ".join(f"{one.field} {one.predicate} {one.comparand}" for one in self.conditions)
        value = "Count" if self.projection == COUNT else f"{self.aggregation} {self.projection}"
        return f"{value} of {what}{f' where {where}' if where else ''}"


DEFAULT_FEED = (
    FeedRule(TelemetryType.REQUEST, (FAILED,)),
    FeedRule(TelemetryType.DEPENDENCY, (FAILED,)),
    FeedRule(TelemetryType.EXCEPTION),
    FeedRule(TelemetryType.EVENT),
    FeedRule(TelemetryType.TRACE),
)
"""The default feed of Azure's portal."""


@dataclass(frozen=True, slots=True)
class LiveConfiguration:
    """The custom metrics and feed rules that servers receive."""

    feed: tuple[FeedRule, ...] = DEFAULT_FEED
    metrics: tuple[CustomMetric, ...] = ()

    @property
    def etag(self) -> str:
        """A digest of the configuration. Servers apply the configuration when the etag differs from theirs."""
        return _digest(self)

    def is_about_defaults(self, error: str) -> bool:
        """Return True if an error of a server (`type: message`) is only about parts that have their default.

        The default feed has events, which SDKs based on OpenTelemetry reject. Errors about rules of the feed have types
        that begin with `Document`; their messages name the telemetry type.
        """
        changed = [rule for rule in self.feed if rule not in DEFAULT_FEED]
        if not changed and not self.metrics:
            return True
        error_type, _, message = error.partition(":")
        if not error_type.startswith("Document"):
            return False
        named = [rule for rule in self.feed if re.search(rf"\b{rule.telemetry_type}\b", message)]
        return not any(rule in changed for rule in named or self.feed)

    def is_in_feed(self, telemetry_type: TelemetryType, lookup: Lookup, *, when_unknown: bool) -> bool:
        """Return whether the feed shows an item; `when_unknown` is the result of a condition on a missing field."""
        return any(
            all(when_unknown if (result := evaluate(one, lookup)) is None else result for one in rule.conditions)
            for rule in self.feed
            if rule.telemetry_type == telemetry_type
        )


def _digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:16]
