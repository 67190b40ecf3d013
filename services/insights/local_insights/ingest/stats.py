"""How much telemetry was taken in."""

from dataclasses import dataclass

from local_insights.ingest.batch import Batch


@dataclass(slots=True)
class IngestStats:
    """What came in since the server was started."""

    items_ingested: int = 0
    """Items that were committed."""
    items_rejected: int = 0
    """Items that an answer named as not kept, and never to be sent again."""
    sdk_statistics: int = 0
    """Items about the SDK itself that were received and left out."""
    truncated_texts: int = 0
    """Texts beyond their limit, of which the beginning was kept."""
    requests_deferred: int = 0
    """Bodies that were answered 503, to be sent again."""

    def add(self, batch: Batch) -> None:
        """Count a batch whose items were committed."""
        self.items_ingested += len(batch.items)
        self.items_rejected += len(batch.receipt.errors)
        self.sdk_statistics += batch.sdk_statistics
        self.truncated_texts += batch.truncated_texts
