"""The way to the ingestion endpoint, which loses nothing: OpenCensus' transport, mended."""

import json
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from telemetry.batch_queue import BatchQueue
from telemetry.connection import Connection
from telemetry.envelopes import Envelope
from telemetry.stock import (
    REDIRECT_STATUS_CODES,
    RETRYABLE_STATUS_CODES,
    TransportMixin,
    TransportStatusCode,
)
from telemetry.storage import Storage

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 3.0
_ANSWER_TIMEOUT_S = 10.0
_MAX_REDIRECTS = 10
_MAX_RETRY_AFTER_S = 60.0
_OK, _PARTIAL = 200, 206


@dataclass(slots=True)
class Endpoint:
    """Where envelopes are sent, and since when not; shared by all exporters of the process.

    A redirect changes the URL. After a failure nothing is sent before `resume_at` (monotonic clock, seconds); 0 means
    that the last attempt went well.
    """

    url: str
    resume_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where envelopes go, where they wait, and how long until the next attempt."""

    connection: Connection
    endpoint: Endpoint
    storage: Storage
    retry_interval_s: float
    export_interval_s: float
    max_batch_size: int = 400
    queue_capacity: int = 16384


class ReliableTransport(TransportMixin):  # type: ignore[misc]
    """Sends envelopes, and keeps on disk what could not be sent until it can.

    OpenCensus drops what it was sending when the connection fails and its own usage statistics are off (they are off
    here: they call Microsoft's hosts at start-up), opens a connection for every request, ignores `Retry-After`, and
    retries after a minute. Here one connection is kept; after a failure everything goes to disk until the retry
    interval, or what `Retry-After` says, has passed.
    """

    def prepare(self, delivery: Delivery) -> None:
        """Set up the state, before the constructor of the base class is called: it starts the exporting thread."""
        self._delivery = delivery
        self._endpoint = delivery.endpoint
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"})
        if urlsplit(self._endpoint.url).hostname in {"127.0.0.1", "localhost", "::1"}:
            self._session.trust_env = False  # a proxy of the environment cannot reach this machine's loopback
        self._deadline: float | None = None
        self._lock = threading.Lock()
        self._in_flight: Sequence[Envelope] = ()
        self._reported_drops = 0

    @property
    def _queue(self) -> BatchQueue:
        return self._batches

    @_queue.setter
    def _queue(self, _stock: object) -> None:
        # The base class makes its own queue in its constructor and hands it to its thread; this is the only seam.
        self._batches = BatchQueue(self._delivery.queue_capacity)

    def _check_stats_collection(self) -> bool:
        """OpenCensus' statistics about itself: never."""
        return False

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """Send envelopes, or keep them on disk. Runs in the exporting thread; does not raise for what may go wrong."""
        if not envelopes:
            return
        with self._lock:
            self._in_flight = envelopes
        sent = self._may_send() and self._transmit(envelopes) != TransportStatusCode.RETRY
        with self._lock:
            mine = self._in_flight is envelopes  # else `close` has run out of time, and has kept them itself
            self._in_flight = ()
        if mine and not sent:
            self.keep(envelopes)

    def deliver_stored(self, limit: int | None = None) -> None:
        """Send what waits on disk, oldest first, at most `limit` files, as long as it goes well."""
        for count, blob in enumerate(self._delivery.storage.gets()):
            if count == limit or not self._may_send():
                return
            if not blob.lease(_CONNECT_TIMEOUT_S + _ANSWER_TIMEOUT_S + 5):
                continue
            envelopes = blob.get()
            if envelopes and self._transmit(list(envelopes)) == TransportStatusCode.RETRY:
                blob.lease(0)
                return
            blob.delete()

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """Keep envelopes on disk for a later attempt, of this process or of the role's next one."""
        if envelopes and self._delivery.storage.put(list(envelopes)) is None:
            logger.error(
                "%d items of telemetry are lost: %s takes no more", len(envelopes), self._delivery.storage.path
            )

    def report_drops(self, dropped: int) -> None:
        """Say how many items a full queue has dropped, once a batch at most."""
        if dropped > self._reported_drops:
            logger.warning("%d items of telemetry are lost: the queue was full", dropped - self._reported_drops)
            self._reported_drops = dropped

    def begin_close(self, deadline: float) -> None:
        """Ask the exporting thread to send what is queued and to end, by `deadline` (monotonic clock, seconds)."""
        self._deadline = deadline
        self._queue.put(self._queue.EXIT_EVENT)

    def end_close(self) -> None:
        """Wait for the exporting thread until the deadline, then keep on disk what it has not sent."""
        deadline = self._deadline or 0.0
        if not self._queue.EXIT_EVENT.wait(max(deadline - time.monotonic(), 0.0)):
            with self._lock:
                unsent, self._in_flight = list(self._in_flight), ()
            self.keep([*unsent, *self.envelopes_of(self._queue.drain())])
        self._session.close()

    def envelopes_of(self, items: Iterable[Any]) -> list[Envelope]:
        """The envelopes of queued items."""
        raise NotImplementedError

    def export_batch(self, batch: Sequence[Any], event: Any = None) -> None:  # noqa: ANN401
        """Deliver one batch from the queue, then what waits on disk. Runs in the exporting thread."""
        try:
            self.report_drops(self._queue.dropped)
            self.deliver(self.apply_telemetry_processors(self.envelopes_of(batch)))
            full = len(batch) >= self._delivery.max_batch_size
            self.deliver_stored(limit=1 if full else None)
        except Exception:
            logger.exception("Telemetry failed while exporting a batch of %d items", len(batch))
        finally:
            if event is not None:
                event.set()

    def _may_send(self) -> bool:
        now = time.monotonic()
        return now >= self._endpoint.resume_at and (self._deadline is None or now < self._deadline)

    def _transmit(self, envelopes: Sequence[Envelope]) -> int:
        """Send envelopes once.

        Returns:
            `TransportStatusCode.RETRY` when they should be kept for later, else `SUCCESS` or `DROP`.
        """
        body = json.dumps(envelopes, default=str).encode()
        for _ in range(_MAX_REDIRECTS):
            try:
                response = self._session.post(
                    f"{self._endpoint.url}/v2.1/track", data=body, timeout=self._timeout(), allow_redirects=False
                )
            except requests.RequestException as error:
                return self._pause(f"{type(error).__name__} at {self._endpoint.url}")
            if response.status_code not in REDIRECT_STATUS_CODES:
                return self._outcome(response, envelopes)
            target = urlsplit(response.headers.get("Location", ""))
            if not target.scheme or not target.netloc:
                break
            self._endpoint.url = f"{target.scheme}://{target.netloc}"
        logger.error("%d items of telemetry are lost: %s redirects to nowhere", len(envelopes), self._endpoint.url)
        return int(TransportStatusCode.DROP)

    def _timeout(self) -> tuple[float, float]:
        remaining = _ANSWER_TIMEOUT_S if self._deadline is None else max(self._deadline - time.monotonic(), 0.05)
        return min(_CONNECT_TIMEOUT_S, remaining), min(_ANSWER_TIMEOUT_S, remaining)

    def _outcome(self, response: requests.Response, envelopes: Sequence[Envelope]) -> int:
        status = response.status_code
        if status in RETRYABLE_STATUS_CODES:
            return self._pause(f"HTTP {status} from {self._endpoint.url}", response.headers.get("Retry-After", ""))
        if self._endpoint.resume_at:
            logger.info("Telemetry is delivered again to %s", self._endpoint.url)
            self._endpoint.resume_at = 0.0
        if status == _OK:
            return int(TransportStatusCode.SUCCESS)
        if status == _PARTIAL:
            self._keep_retryable(response, envelopes)
        else:
            logger.error("%d items of telemetry are lost: HTTP %d from %s", len(envelopes), status, self._endpoint.url)
        return int(TransportStatusCode.DROP)

    def _pause(self, reason: str, retry_after: str = "") -> int:
        """Stop sending for a while; say so when it is news."""
        pause_s = self._delivery.retry_interval_s
        if retry_after.isdecimal():
            pause_s = min(max(pause_s, float(retry_after)), _MAX_RETRY_AFTER_S)
        if not self._endpoint.resume_at:
            logger.warning("Telemetry waits on disk in %s: %s", self._delivery.storage.path, reason)
        self._endpoint.resume_at = time.monotonic() + pause_s
        return int(TransportStatusCode.RETRY)

    def _keep_retryable(self, response: requests.Response, envelopes: Sequence[Envelope]) -> None:
        """Of a partly accepted batch, keep what may be accepted later; the server says which (by index)."""
        try:
            errors = [(int(error["index"]), int(error["statusCode"])) for error in response.json()["errors"]]
            again = [envelopes[index] for index, status in errors if status in RETRYABLE_STATUS_CODES]
        except (ValueError, TypeError, KeyError, IndexError):
            logger.exception("%s accepted a batch in part, and did not say which", self._endpoint.url)
            return
        self.keep(again)
        if rejected := len(errors) - len(again):
            logger.error("%d items of telemetry are lost: %s rejects them", rejected, self._endpoint.url)
