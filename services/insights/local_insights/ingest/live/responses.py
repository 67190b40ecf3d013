"""What servers are told: that somebody is looking, and what to collect.

Reference:
    `CollectionConfigurationInfo` of the Live Metrics service's API, version 2024-04-01-preview.
"""

import msgspec

from local_insights.model.live.conditions import Condition
from local_insights.model.live.configuration import FEED_STREAM, CustomMetric, FeedRule, LiveConfiguration


def configuration_json(configuration: LiveConfiguration) -> bytes:
    """The body of every answer. JavaScript's SDK fails on an empty one, .NET's reads the etag out of it."""
    return msgspec.json.encode(
        {
            "ETag": configuration.etag,
            "Metrics": [_metric(metric) for metric in configuration.metrics],
            "DocumentStreams": [
                {"Id": FEED_STREAM, "DocumentFilterGroups": [_rule(rule) for rule in configuration.feed]}
            ],
            "QuotaInfo": None,
        }
    )


def _metric(metric: CustomMetric) -> dict[str, object]:
    return {
        "Id": metric.id,
        "TelemetryType": metric.telemetry_type,
        "FilterGroups": [_filters(metric.conditions)],
        "Projection": metric.projection,
        "Aggregation": metric.aggregation,
        "BackEndAggregation": metric.aggregation,
    }


def _rule(rule: FeedRule) -> dict[str, object]:
    return {"TelemetryType": rule.telemetry_type, "Filters": _filters(rule.conditions)}


def _filters(conditions: tuple[Condition, ...]) -> dict[str, object]:
    return {
        "Filters": [
            {"FieldName": one.field, "Predicate": one.predicate, "Comparand": one.comparand} for one in conditions
        ]
    }
