"""HTTP transport to one ingestion endpoint with retries; replaces OpenCensus' transport."""

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
from telemetry._internal.ids_and_clock import SYSTEM_CLOCK, Clock

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 3.0
_RESPONSE_TIMEOUT_S = 10.0
_LEASE_S = _CONNECT_TIMEOUT_S + _RESPONSE_TIMEOUT_S + 5.0
_MAX_REDIRECTS = 10
_MAX_RETRY_AFTER_S = 3600.0
_FASTEST_GZIP_LEVEL = 1
"""Envelopes are so similar that this level makes them ten times smaller; higher levels cost time for little more."""
_OK, _PARTIAL = 200, 206


@dataclass(slots=True)
class Endpoint:
    """The URL of an endpoint and the end of its pause; shared by all transports of the process to this endpoint.

    A redirect changes `url`. After a failure nothing is sent before `resume_at` (seconds of the monotonic clock); 0
    means that the last request succeeded.
    """

    url: str
    resume_at: float = 0.0


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The options of the exporters of one destination: endpoint, storage, intervals in seconds, sizes in items."""

    connection: Connection
    endpoint: Endpoint
    storage: Storage
    retry_interval_s: float
    export_interval_s: float
    max_batch_size: int = 400
    queue_capacity: int = 16384
    clock: Clock = SYSTEM_CLOCK


class Transport:
    """Sends envelopes, and stores on disk what could not be sent until a retry succeeds.

    OpenCensus drops a batch when the connection fails and its own usage statistics are disabled (they are disabled
    here: they connect to Microsoft's hosts at start-up). It opens a connection per request, ignores `Retry-After`, and
    retries after a minute. This transport reuses one connection. After a failure it stores all envelopes until the
    retry interval, or the time of `Retry-After`, has passed. The pause is at least as long as the failed attempt took,
    so that an unresponsive endpoint cannot keep the thread from emptying its queue.

    All methods except `pop_in_flight` and `close` are for one exporting thread.
    """

    def __init__(self, options: ExportOptions, drop_reporter: DropReporter) -> None:
        self.deadline: float | None = None
        """The time to stop sending, in seconds of the monotonic clock; None while the application runs."""
        self._options = options
        self._clock = options.clock
        self._endpoint = options.endpoint
        self._drop_reporter = drop_reporter
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"})
        if options.connection.is_loopback:
            self._session.trust_env = False  # a proxy of the environment cannot reach this machine's loopback
        else:
            self._session.headers["Content-Encoding"] = "gzip"
        self._has_stored = False
        self._lock = threading.Lock()
        self._in_flight: Sequence[Envelope] = ()

    def send_or_store(self, envelopes: Sequence[Envelope]) -> None:
        """Send envelopes, or store them on disk. Does not raise for errors of the network or the disk."""
        if not envelopes:
            return
        with self._lock:
            self._in_flight = envelopes
        sent = self._can_send() and self._send(envelopes)
        with self._lock:
            not_taken = self._in_flight is envelopes  # otherwise `pop_in_flight` has returned them after the deadline
            self._in_flight = ()
        if not_taken and not sent:
            self.store(envelopes)

    def send_stored(self, should_continue: Callable[[], bool]) -> None:
        """Send the stored files, oldest first, until one fails or `should_continue`, called before each, is False."""
        for blob in self._options.storage.gets():
            if not self._can_send() or not should_continue():
                return
            if not blob.lease(_LEASE_S):
                continue
            envelopes = blob.get()
            if envelopes and not self._send(list(envelopes)):
                blob.lease(0)
                return
            blob.delete()

    def store(self, envelopes: Sequence[Envelope]) -> None:
        """Store envelopes on disk for a retry by this process or by the role's next one."""
        if not envelopes:
            return
        self._has_stored = True
        storage = self._options.storage
        if storage.put(list(envelopes)) is None:
            self._drop_reporter.add(len(envelopes), f"they could not be sent, and {storage.path} is not writable")
        self._drop_reporter.add(storage.pop_discarded_count(), f"they could not be sent, and {storage.path} is full")

    def pop_in_flight(self) -> list[Envelope]:
        """Return the envelopes of the current request. They count as not sent, even if the request succeeds later."""
        with self._lock:
            unsent, self._in_flight = list(self._in_flight), ()
        return unsent

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _can_send(self) -> bool:
        now = self._clock.monotonic()
        return now >= self._endpoint.resume_at and (self.deadline is None or now < self.deadline)

    def _send(self, envelopes: Sequence[Envelope]) -> bool:
        """Send envelopes once.

        Returns:
            False when they have to be stored for a retry; True when they were accepted or when a retry is useless.
        """
        body = self._body(envelopes)
        started_at = self._clock.monotonic()
        for _ in range(_MAX_REDIRECTS):
            try:
                response = self._session.post(
                    f"{self._endpoint.url}/v2.1/track", data=body, timeout=self._timeout(), allow_redirects=False
                )
            except requests.RequestException as error:
                self._pause(f"{type(error).__name__} at {self._endpoint.url}", self._clock.monotonic() - started_at)
                return False
            if response.status_code not in REDIRECT_STATUS_CODES:
                return self._handle_response(response, envelopes, started_at)
            target = urlsplit(response.headers.get("Location", ""))
            if not target.scheme or not target.netloc:
                break
            self._endpoint.url = f"{target.scheme}://{target.netloc}"
        self._drop_reporter.add(len(envelopes), f"invalid redirect from {self._endpoint.url}")
        return True

    def _body(self, envelopes: Sequence[Envelope]) -> bytes:
        """Return the request body; compressed, except for the loopback interface, where compression saves nothing."""
        body = json.dumps(envelopes, default=str).encode()
        return body if self._options.connection.is_loopback else gzip.compress(body, _FASTEST_GZIP_LEVEL, mtime=0)

    def _timeout(self) -> tuple[float, float]:
        remaining = _RESPONSE_TIMEOUT_S if self.deadline is None else max(self.deadline - self._clock.monotonic(), 0.05)
        return min(_CONNECT_TIMEOUT_S, remaining), min(_RESPONSE_TIMEOUT_S, remaining)

    def _handle_response(self, response: requests.Response, envelopes: Sequence[Envelope], started_at: float) -> bool:
        """Process a response that is no redirect. Returns False when the envelopes have to be stored for a retry."""
        status = response.status_code
        if status in RETRYABLE_STATUS_CODES:
            requested_s = retry_after_s(response.headers.get("Retry-After", ""), self._clock)
            took_s = self._clock.monotonic() - started_at
            self._pause(f"HTTP {status} from {self._endpoint.url}", max(took_s, requested_s))
            return False
        if self._endpoint.resume_at:
            logger.info("Telemetry is sent to %s again", self._endpoint.url)
            self._endpoint.resume_at = 0.0
        if self._has_stored:
            self._has_stored = False
            self._drop_reporter.flush()  # the endpoint is available again: log what was dropped meanwhile
        if status == _PARTIAL:
            self._store_retryable(response, envelopes)
        elif status != _OK:
            self._drop_reporter.add(len(envelopes), f"HTTP {status} from {self._endpoint.url}")
        return True

    def _pause(self, reason: str, at_least_s: float) -> None:
        """Back off: send nothing for the retry interval, or for `at_least_s` if that is longer. Log the first pause."""
        if not self._endpoint.resume_at:
            logger.warning("Telemetry is stored in %s until a retry: %s", self._options.storage.path, reason)
        self._endpoint.resume_at = self._clock.monotonic() + max(self._options.retry_interval_s, at_least_s)

    def _store_retryable(self, response: requests.Response, envelopes: Sequence[Envelope]) -> None:
        """Store the retryable envelopes of a partly accepted batch; the response lists errors by index."""
        try:
            errors = [(int(error["index"]), int(error["statusCode"])) for error in response.json()["errors"]]
            again = [envelopes[index] for index, status in errors if status in RETRYABLE_STATUS_CODES]
        except (ValueError, TypeError, KeyError, IndexError):
            logger.exception(
                "%s accepted a batch partly, but its response does not list the errors", self._endpoint.url
            )
            return
        self.store(again)
        self._drop_reporter.add(len(errors) - len(again), f"rejected by {self._endpoint.url}")


def retry_after_s(value: str, clock: Clock) -> float:
    """Return the seconds of a `Retry-After` header, at most an hour; 0 when the value is invalid.

    The value is a number of seconds or a date (RFC 9110, section 10.2.3).
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
