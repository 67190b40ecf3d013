"""The server's own counters, as Prometheus reads them."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from local_insights.ingest.stats import IngestStats
from local_insights.model.summaries import StoreStats

COUNTERS = {
    "items_ingested": "Items of telemetry that were committed.",
    "items_rejected": "Items that were answered as not kept, and never to be sent again.",
    "sdk_statistics": "Items about the SDK itself that were received and left out.",
    "truncated_texts": "Texts beyond their limit, of which the beginning was kept.",
    "requests_deferred": "Bodies that were answered 503, to be sent again.",
}
"""Fields of `IngestStats`: the names of their metrics, and what they say."""


def exposition(counts: IngestStats, stats: StoreStats, accept: str) -> tuple[bytes, str]:
    """The counters as text, and its content type.

    Names follow Prometheus' advice: `insights_` in front, the unit behind, `_total` after what only grows.

    Args:
        counts: what was taken in since the start.
        stats: what is stored now.
        accept: the request's header, by which Prometheus asks for OpenMetrics.
    """
    registry = CollectorRegistry()
    registry.register(_Counters(counts, stats))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Counters(Collector):
    def __init__(self, counts: IngestStats, stats: StoreStats) -> None:
        self._counts = counts
        self._holdings = stats

    def collect(self) -> Iterator[Metric]:
        """The metrics, one after another."""
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(f"insights_{name}", text, value=getattr(self._counts, name))
        yield GaugeMetricFamily("insights_stored_items", "Items in the store.", value=self._holdings.items)
        for name, time_us in (("oldest", self._holdings.oldest_us), ("newest", self._holdings.newest_us)):
            if time_us is not None:
                text = f"When the {name} item in the store began, in seconds since 1970."
                yield GaugeMetricFamily(f"insights_{name}_item_timestamp_seconds", text, value=time_us / 1e6)
