"""What servers are asked to collect: custom metrics, and which items the feed is to show."""

import hashlib
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
"""The id of the one document stream. The portal of Azure uses it, and servers know no other name for "the feed"."""
MAX_METRICS = 4
CAN_FAIL = (TelemetryType.REQUEST, TelemetryType.DEPENDENCY)
"""Kinds of telemetry that say whether they succeeded."""
FAILED = Condition(SUCCESS, Predicate.EQUAL, "false")
COUNT = "Count()"
PROJECTED_DURATION = "Duration"


@dataclass(frozen=True, slots=True)
class FeedRule:
    """Items of one kind that the feed shows: those for which every condition evaluate."""

    telemetry_type: TelemetryType
    conditions: tuple[Condition, ...] = ()

    @property
    def failures_only(self) -> bool:
        """Whether what succeeded can be passed over without a closer look."""
        return FAILED in self.conditions


@dataclass(frozen=True, slots=True)
class CustomMetric:
    """A figure that somebody asked for: a projection of the items for which every condition evaluate, each second.

    `projection` is `Count()`, `Duration` (milliseconds; requests and dependencies) or `CustomDimensions.<name>`.
    """

    telemetry_type: TelemetryType
    projection: str
    aggregation: Aggregation
    conditions: tuple[Condition, ...] = ()

    @property
    def id(self) -> str:
        """Names the metric by what it asks for, so that values of an earlier metric are never taken for it."""
        return f"m-{_digest(self)}"

    @property
    def title(self) -> str:
        """What the figure is, in one line."""
        what = {TelemetryType.DEPENDENCY: "dependencies"}.get(self.telemetry_type, f"{self.telemetry_type.lower()}s")
        where = " and ".join(f"{one.field} {one.predicate} {one.comparand}" for one in self.conditions)
        figure = "Count" if self.projection == COUNT else f"{self.aggregation} {self.projection}"
        return f"{figure} of {what}{f' where {where}' if where else ''}"


DEFAULT_FEED = (
    FeedRule(TelemetryType.REQUEST, (FAILED,)),
    FeedRule(TelemetryType.DEPENDENCY, (FAILED,)),
    FeedRule(TelemetryType.EXCEPTION),
    FeedRule(TelemetryType.EVENT),
    FeedRule(TelemetryType.TRACE),
)
"""What the feed of Azure's portal shows when nobody has asked for anything else."""


@dataclass(frozen=True, slots=True)
class LiveConfiguration:
    """What servers are asked to collect."""

    feed: tuple[FeedRule, ...] = DEFAULT_FEED
    metrics: tuple[CustomMetric, ...] = ()

    @property
    def etag(self) -> str:
        """Changes when, and only when, the configuration does: servers fetch it anew when it differs from theirs."""
        return _digest(self)

    def is_in_feed(self, telemetry_type: TelemetryType, lookup: Lookup, *, when_unknown: bool) -> bool:
        """Whether the feed shows an item; `when_unknown` decides where the item does not tell what a condition asks."""
        return any(
            all(when_unknown if (held := evaluate(one, lookup)) is None else held for one in rule.conditions)
            for rule in self.feed
            if rule.telemetry_type == telemetry_type
        )


def _digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:16]
