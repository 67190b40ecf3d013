"""Telemetry of SDKs about themselves: statistics that they send, and calls that they make for their own purposes."""

from local_insights.ingest.envelope import Envelope, Metric
from local_insights.model.item import Item, ItemType

_STATISTICS = frozenset(
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
"""Metrics that SDKs send about themselves, to the application's own endpoint.

Reference:
    "SDK stats in Application Insights", Microsoft Learn; `statsbeat` in census-instrumentation/opencensus-python.
"""
_STATSBEAT = "statsbeat"
_DEPENDENCY = ItemType.DEPENDENCY.value
"""A member of the class takes longer to read, and it is compared with the type of every item."""

_METADATA_HOSTS = frozenset({"169.254.169.254", "metadata.google.internal"})
"""Hosts of instance metadata, which SDKs read at start to detect the cloud. Other paths are those of identities."""
_METADATA_PATHS = ("/metadata/instance", "/latest/", "/computemetadata/v1/instance", "/computemetadata/v1/project")
_OWN_HOSTS = frozenset(
    {
        "settings.sdk.monitor.azure.com",
        "stats.monitor.azure.com",
        "dc.services.visualstudio.com",
        "rt.services.visualstudio.com",
        "dc.applicationinsights.azure.com",
        "dc.applicationinsights.microsoft.com",
        "agent.azureserviceprofiler.net",
    }
)
_OWN_DOMAINS = (
    ".in.applicationinsights.azure.com",
    ".livediagnostics.monitor.azure.com",
    ".monitor.core.azure.com",
)
_OWN_PATHS = ("/v2.1/track", "/quickpulseservice.svc/ping", "/quickpulseservice.svc/post")
"""Paths of ingestion and Live Metrics, on any server.

Reference:
    "IP addresses used by Azure Monitor", Microsoft Learn; the exporters of Azure Monitor OpenTelemetry.
"""


def without_sdk_statistics(envelope: Envelope, metric: Metric) -> Metric | None:
    """Return the metrics of the application; None when all metrics of the envelope are about the SDK itself."""
    if (envelope.name or "").rpartition(".")[2].lower() == _STATSBEAT:
        return None
    points = metric.metrics or []
    own = [point for point in points if point.name not in _STATISTICS]
    if len(own) == len(points):
        return metric
    return Metric(own, metric.properties) if own else None


def is_sdk_call(item: Item) -> bool:
    """Return True if an item is a call that an SDK makes for itself: metadata, settings, ingestion, Live Metrics."""
    if item.item_type != _DEPENDENCY:
        return False
    host = item.target
    if host in _OWN_HOSTS or host.endswith(_OWN_DOMAINS):
        return True
    if host in _METADATA_HOSTS:
        path = _path(item.data)
        return not path or path.startswith(_METADATA_PATHS)
    return ("/v2.1/" in item.data or "/QuickPulse" in item.data) and _path(item.data).endswith(_OWN_PATHS)


def without_sdk_calls(items: list[Item]) -> list[Item]:
    """Return the items without calls that SDKs make for themselves, nor the exceptions and logs of these calls."""
    own = {(item.operation_id, item.id) for item in items if item.item_type == _DEPENDENCY and is_sdk_call(item)}
    if not own:
        return items
    return [
        item
        for item in items
        if not is_sdk_call(item) and (not item.parent_id or (item.operation_id, item.parent_id) not in own)
    ]


def _path(url: str) -> str:
    """Return the path of an absolute URL in lower case; empty without one."""
    _, slashes, rest = url.partition("://")
    _, slash, path = rest.partition("/")
    return f"/{path.partition('?')[0]}".lower() if slashes and slash else ""
