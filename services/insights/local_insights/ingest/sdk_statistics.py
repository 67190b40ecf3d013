"""What SDKs report about themselves: how many items they sent, which features they found, where they run.

It comes to the application's own endpoint, and nobody who looks for the application wants to see it.

Reference:
    "SDK stats in Application Insights", Microsoft Learn; `statsbeat` in census-instrumentation/opencensus-python.
"""

from local_insights.ingest.envelope import Envelope, Metric

_METRICS = frozenset(
    {
        "_OTELRESOURCE_",
        "Item_Success_Count",
        "Item_Dropped_Count",
        "Item_Retry_Count",
        "preview.item.success.count",
        "preview.item.dropped.count",
        "preview.item.retry.count",
    }
)
_ENVELOPE = "statsbeat"


def without_sdk_statistics(envelope: Envelope, sent: Metric) -> Metric | None:
    """The metrics that are the application's; None when there are none."""
    if (envelope.name or "").rpartition(".")[2].lower() == _ENVELOPE:
        return None
    points = sent.metrics or []
    own = [point for point in points if point.name not in _METRICS]
    if len(own) == len(points):
        return sent
    return Metric(own, sent.properties) if own else None
