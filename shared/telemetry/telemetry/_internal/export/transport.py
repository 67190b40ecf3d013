"""The way to one ingestion endpoint, which loses nothing: OpenCensus' transport, made anew."""

import gzip
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from telemetry._internal._opencensus import REDIRECT_STATUS_CODES, RETRYABLE_STATUS_CODES
from telemetry._internal.connection_string import Connection
from telemetry._internal.envelopes.envelopes import Envelope
from telemetry._internal.export.drop_reporter import DropReporter
from telemetry._internal.export.storage import Storage
from telemetry._internal.tracing.ids_and_clock import MACHINE_CLOCK, Clock

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 3.0
_ANSWER_TIMEOUT_S = 10.0
_LEASE_S = _CONNECT_TIMEOUT_S + _ANSWER_TIMEOUT_S + 5.0
_MAX_REDIRECTS = 10
_MAX_RETRY_AFTER_S = 3600.0
_FASTEST = 1
"""Envelopes are so alike that gzip's first level makes them ten times smaller; the others cost time for little more."""
_OK, _PARTIAL = 200, 206


@dataclass(slots=True)
class Endpoint:
    """Where envelopes are sent, and since when not; shared by all transports of the process that go there.

    A redirect changes the URL. After a failure nothing is sent before `resume_at` (monotonic clock, seconds); 0 means
    that the last attempt went well.
    """

    url: str
    resume_at: float = 0.0


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Where envelopes go, where they wait, and how long until the next attempt."""

    connection: Connection
    endpoint: Endpoint
    storage: Storage
    retry_interval_s: float
    export_interval_s: float
    max_batch_size: int = 400
    queue_capacity: int = 16384
    clock: Clock = MACHINE_CLOCK


class Transport:
    """Sends envelopes, and keeps on disk what could not be sent until it can.

    OpenCensus drops what it was sending when the connection fails and its own usage statistics are off (they are off
    here: they call Microsoft's hosts at start-up), opens a connection for every request, ignores `Retry-After`, and
    retries after a minute. Here one connection is kept; after a failure everything goes to disk until the retry
    interval, or what `Retry-After` says, has passed. An attempt that took long is followed by as long a pause, so that
    an endpoint that hangs does not keep the thread from emptying its queue.

    Everything is for one exporting thread, save `take_in_flight` and `close`.
    """

    def __init__(self, delivery: ExportOptions, losses: DropReporter) -> None:
        self.deadline: float | None = None
        """When to give up, in seconds of the monotonic clock; None while the application runs."""
        self._delivery = delivery
        self._clock = delivery.clock
        self._endpoint = delivery.endpoint
        self._losses = losses
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"})
        if delivery.connection.is_loopback:
            self._session.trust_env = False  # a proxy of the environment cannot reach this machine's loopback
        else:
            self._session.headers["Content-Encoding"] = "gzip"
        self._lock = threading.Lock()
        self._in_flight: Sequence[Envelope] = ()

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """Send envelopes, or keep them on disk. Does not raise for what may go wrong on the way."""
        if not envelopes:
            return
        with self._lock:
            self._in_flight = envelopes
        delivered = self._may_send() and self._send(envelopes)
        with self._lock:
            mine = self._in_flight is envelopes  # else time has run out, and they have been taken
            self._in_flight = ()
        if mine and not delivered:
            self.keep(envelopes)

    def deliver_stored(self, may_go_on: Callable[[], bool]) -> None:
        """Send what waits on disk, oldest first, as long as it goes well and `may_go_on` before each file."""
        for blob in self._delivery.storage.gets():
            if not self._may_send() or not may_go_on():
                return
            if not blob.lease(_LEASE_S):
                continue
            envelopes = blob.get()
            if envelopes and not self._send(list(envelopes)):
                blob.lease(0)
                return
            blob.delete()

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """Keep envelopes on disk for a later attempt, of this process or of the role's next one."""
        if not envelopes:
            return
        storage = self._delivery.storage
        if storage.put(list(envelopes)) is None:
            self._losses.add(len(envelopes), f"they cannot be sent, and {storage.path} cannot be written")
        self._losses.add(storage.take_discarded(), f"they could not be sent, and {storage.path} is full")

    def take_in_flight(self) -> list[Envelope]:
        """Take back what is being sent; it counts as not sent, whatever becomes of it."""
        with self._lock:
            unsent, self._in_flight = list(self._in_flight), ()
        return unsent

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def _may_send(self) -> bool:
        now = self._clock.monotonic()
        return now >= self._endpoint.resume_at and (self.deadline is None or now < self.deadline)

    def _send(self, envelopes: Sequence[Envelope]) -> bool:
        """Send envelopes once. False when they should be kept for later; True when that is no use, or they are sent."""
        body = self._body(envelopes)
        began = self._clock.monotonic()
        for _ in range(_MAX_REDIRECTS):
            try:
                response = self._session.post(
                    f"{self._endpoint.url}/v2.1/track", data=body, timeout=self._timeout(), allow_redirects=False
                )
            except requests.RequestException as error:
                self._pause(f"{type(error).__name__} at {self._endpoint.url}", self._clock.monotonic() - began)
                return False
            if response.status_code not in REDIRECT_STATUS_CODES:
                return self._settle(response, envelopes, began)
            target = urlsplit(response.headers.get("Location", ""))
            if not target.scheme or not target.netloc:
                break
            self._endpoint.url = f"{target.scheme}://{target.netloc}"
        self._losses.add(len(envelopes), f"{self._endpoint.url} redirects to nowhere")
        return True

    def _body(self, envelopes: Sequence[Envelope]) -> bytes:
        """Compressed for a network; what stays on this machine has nothing to save."""
        body = json.dumps(envelopes, default=str).encode()
        return body if self._delivery.connection.is_loopback else gzip.compress(body, _FASTEST, mtime=0)

    def _timeout(self) -> tuple[float, float]:
        remaining = _ANSWER_TIMEOUT_S if self.deadline is None else max(self.deadline - self._clock.monotonic(), 0.05)
        return min(_CONNECT_TIMEOUT_S, remaining), min(_ANSWER_TIMEOUT_S, remaining)

    def _settle(self, response: requests.Response, envelopes: Sequence[Envelope], began: float) -> bool:
        """Do what the answer asks for. False when the envelopes should be kept for later."""
        status = response.status_code
        if status in RETRYABLE_STATUS_CODES:
            asked_s = retry_after_s(response.headers.get("Retry-After", ""), self._clock)
            took_s = self._clock.monotonic() - began
            self._pause(f"HTTP {status} from {self._endpoint.url}", max(took_s, asked_s))
            return False
        if self._endpoint.resume_at:
            logger.info("Telemetry is delivered again to %s", self._endpoint.url)
            self._endpoint.resume_at = 0.0
        if status == _PARTIAL:
            self._keep_retryable(response, envelopes)
        elif status != _OK:
            self._losses.add(len(envelopes), f"HTTP {status} from {self._endpoint.url}")
        return True

    def _pause(self, reason: str, at_least_s: float) -> None:
        """Stop sending for a while; say so when it is news."""
        if not self._endpoint.resume_at:
            logger.warning("Telemetry waits on disk in %s: %s", self._delivery.storage.path, reason)
        self._endpoint.resume_at = self._clock.monotonic() + max(self._delivery.retry_interval_s, at_least_s)

    def _keep_retryable(self, response: requests.Response, envelopes: Sequence[Envelope]) -> None:
        """Of a partly accepted batch, keep what may be accepted later; the server says which (by index)."""
        try:
            errors = [(int(error["index"]), int(error["statusCode"])) for error in response.json()["errors"]]
            again = [envelopes[index] for index, status in errors if status in RETRYABLE_STATUS_CODES]
        except (ValueError, TypeError, KeyError, IndexError):
            logger.exception("%s accepted a batch in part, and did not say which", self._endpoint.url)
            return
        self.keep(again)
        self._losses.add(len(errors) - len(again), f"{self._endpoint.url} rejects them")


def retry_after_s(value: str, clock: Clock) -> float:
    """The seconds that a `Retry-After` header asks for, an hour at most; 0 when it asks for nothing that makes sense.

    It is a number of seconds or a date (RFC 9110, section 10.2.3).
    """
    if value.isdecimal():
        return min(float(value), _MAX_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    now = datetime.fromtimestamp(clock.time_ns() / 1e9, UTC)
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), _MAX_RETRY_AFTER_S)
