"""Errors of servers about parts of the configuration that have their default."""

from dataclasses import replace

import pytest

from local_insights.model.live.conditions import Condition, Predicate, TelemetryType
from local_insights.model.live.configuration import COUNT, DEFAULT_FEED, CustomMetric, FeedRule, LiveConfiguration
from local_insights.model.live.live_state import LiveState
from local_insights.model.live.second import Aggregation
from local_insights.model.live.snapshot import snapshot
from support.live_reports import NOON_S, point

EVENTS = "DocumentTelemetryTypeUnsupported: The telemetry type Event was specified, but is not supported."
REQUESTS = "DocumentStreamFailureToCreateFilterUnexpected: Request has no field Size."
METRIC = "MetricFailureToCreate: no such field"
BY_SIZE = FeedRule(TelemetryType.REQUEST, (Condition("Size", Predicate.EQUAL, "1"),))
CHANGED_REQUESTS = LiveConfiguration(feed=(BY_SIZE, *DEFAULT_FEED[1:]))
CHANGED_EVENTS = LiveConfiguration(feed=(FeedRule(TelemetryType.EVENT, BY_SIZE.conditions),))
WITH_METRIC = LiveConfiguration(metrics=(CustomMetric(TelemetryType.EVENT, COUNT, Aggregation.SUM),))


@pytest.mark.parametrize(
    ("configuration", "shown"),
    [
        (LiveConfiguration(), []),
        (CHANGED_REQUESTS, [REQUESTS, METRIC]),
        (CHANGED_EVENTS, [EVENTS, REQUESTS, METRIC]),
        (WITH_METRIC, [METRIC]),
    ],
)
def test_error_about_defaults_is_not_shown(configuration: LiveConfiguration, shown: list[str]) -> None:
    state = LiveState()
    state.configure(configuration)
    state.report([replace(point({}), errors=(EVENTS, REQUESTS, METRIC))], NOON_S)
    assert snapshot(state.copy(NOON_S + 1)).errors == tuple(sorted(shown))
