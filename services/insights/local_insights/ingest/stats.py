"""Counters of ingested telemetry."""

from dataclasses import dataclass

from local_insights.ingest.batch import Batch


@dataclass(slots=True)
class IngestStats:
    """Counters since the start of the server."""

    items_ingested: int = 0
    """Committed items."""
    items_duplicate: int = 0
    """Items that were accepted but not stored again, because they were stored before."""
    items_rejected: int = 0
    """Items reported as errors in a response. SDKs do not retry them."""
    sdk_statistics: int = 0
    """Items about the SDK itself, received and dropped."""
    truncated_texts: int = 0
    """Texts over their limit, of which only the beginning was stored."""
    requests_deferred: int = 0
    """Requests with a 503 response, which SDKs retry."""
    requests_to_unknown_paths: int = 0
    """POST requests with a 404 response, such as those of an SDK whose endpoint has a path."""

    def add(self, batch: Batch, stored: int) -> None:
        """Count a batch whose items were committed.

        Args:
            batch: the batch.
            stored: the number of its items that were stored; the others were stored before.
        """
        self.items_ingested += stored
        self.items_duplicate += len(batch.items) - stored
        self.items_rejected += len(batch.response.errors)
        self.sdk_statistics += batch.sdk_statistics
        self.truncated_texts += batch.truncated_texts
