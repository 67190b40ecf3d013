"""The response to a server that reports Live Metrics: what to collect.

Reference:
    `CollectionConfigurationInfo` of the Live Metrics service's API, version 2024-04-01-preview.
"""

import msgspec

from local_insights.model.live.conditions import Condition
from local_insights.model.live.configuration import FEED_STREAM, CustomMetric, FeedRule, LiveConfiguration


def configuration_json(configuration: LiveConfiguration) -> bytes:
    """Return the body of every response. JavaScript's SDK fails on an empty body, .NET's reads the etag from it."""
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
