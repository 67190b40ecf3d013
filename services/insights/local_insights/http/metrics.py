"""The server's own metrics in the exposition formats of Prometheus and OpenMetrics."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from local_insights.ingest.stats import IngestStats
from local_insights.model.summaries import StoreStats

COUNTERS = {
    "items_ingested": "Items that were committed to the store.",
    "items_duplicate": "Items that clients sent again, and that were not stored again.",
    "items_rejected": "Items that were rejected as invalid; SDKs do not retry them.",
    "sdk_statistics": "Items about the SDK itself (statistics, its own calls) that were received and dropped.",
    "truncated_texts": "Texts that were truncated to the length limit of their field.",
    "requests_deferred": "Requests that got status 503; SDKs retry them.",
    "requests_to_unknown_paths": "POST requests that got status 404, such as those of a misconfigured SDK.",
}
"""Counter fields of `IngestStats` and the help texts of their metrics."""


def exposition(counts: IngestStats, stats: StoreStats, accept: str) -> tuple[bytes, str]:
    """Return the metrics as text, and the content type of the text.

    Names follow the conventions of Prometheus: the prefix `insights_`, the unit as suffix, `_total` for counters.

    Args:
        counts: numbers of ingested items since the start of the server.
        stats: the current content of the store.
        accept: the header `Accept` of the request; it selects Prometheus or OpenMetrics format.
    """
    registry = CollectorRegistry()
    registry.register(_Counters(counts, stats))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Counters(Collector):
    def __init__(self, counts: IngestStats, stats: StoreStats) -> None:
        self._counts = counts
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics (interface of `prometheus_client`)."""
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(f"insights_{name}", text, value=getattr(self._counts, name))
        yield GaugeMetricFamily("insights_stored_items", "Number of items in the store.", value=self._stats.items)
        for name, time_us in (("oldest", self._stats.oldest_us), ("newest", self._stats.newest_us)):
            if time_us is not None:
                text = f"Start time of the {name} item in the store, in seconds since 1970."
                yield GaugeMetricFamily(f"insights_{name}_item_timestamp_seconds", text, value=time_us / 1e6)
