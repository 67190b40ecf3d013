"""The state of Live Metrics: the servers of the last minute, and the feed.

Reports (by the Live Metrics protocol) and telemetry may arrive from any thread. A server that reports by the protocol
also sends telemetry; only its reports are counted.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from local_insights.model.item import Item
from local_insights.model.live.configuration import PROJECTED_DURATION, LiveConfiguration
from local_insights.model.live.data_point import DataPoint, ServerIdentity
from local_insights.model.live.document import Document, FeedDocument
from local_insights.model.live.feed import feed_documents, matching_documents
from local_insights.model.live.protocol_seconds import second_of
from local_insights.model.live.quirks import normalize
from local_insights.model.live.server import MAX_DELAY_S, WINDOW_S, Server, Source
from local_insights.model.live.telemetry_seconds import (
    SECOND_US,
    RecentItems,
    ServerName,
    recent_by_server,
    seconds_of,
)

MAX_SERVERS = 500
"""Over this limit, the server with the oldest `last_seen_s` is removed."""
MAX_DOCUMENTS = 200
DOCUMENTS_PER_SECOND = 40
"""A reader could not follow more, and a burst of failures must not slow down ingestion."""


class LiveFeed(Protocol):
    """Receives committed telemetry."""

    def observe(self, items: Sequence[Item], now_s: float) -> None:
        """Process items that were committed at `now_s`. It is fast, and raises for no content of the items."""


@dataclass(frozen=True, slots=True)
class LiveStateCopy:
    """An immutable copy of the state at one point in time."""

    now_s: float
    servers: tuple[Server, ...]
    documents: tuple[FeedDocument, ...]
    configuration: LiveConfiguration


class LiveState:
    """The servers of the last minute, the feed and the configuration. All methods are thread-safe.

    Args:
        app_name: the role of servers without a role name.
    """

    def __init__(self, app_name: str = "application") -> None:
        self._app_name = app_name
        self._lock = threading.Lock()
        self._configuration = LiveConfiguration()
        self._servers: OrderedDict[str, Server] = OrderedDict()
        self._documents: deque[FeedDocument] = deque(maxlen=MAX_DOCUMENTS)
        self._last_number = 0
        self._document_second = 0
        self._documents_left = DOCUMENTS_PER_SECOND

    @property
    def configuration(self) -> LiveConfiguration:
        """The configuration that servers receive."""
        return self._configuration

    def configure(self, configuration: LiveConfiguration) -> None:
        """Replace the configuration; servers receive it with the next response."""
        with self._lock:
            self._configuration = configuration

    def report(self, points: Sequence[DataPoint], now_s: float) -> None:
        """Process reports of servers, each about the second that ends now.

        A server sends several data points after a failed request. Only the newest is counted.
        """
        with self._lock:
            configuration = self._configuration
            durations = {metric.id for metric in configuration.metrics if metric.projection == PROJECTED_DURATION}
            metric_ids = [metric.id for metric in configuration.metrics]
            newest = {_id_of(point.identity): point for point in points}
            for point in newest.values():
                normalized = normalize(point, durations)
                server = self._reporting_server(normalized.identity, now_s)
                server.report(second_of(normalized, metric_ids), now_s)
                server.errors = normalized.errors
                server.delete_before(int(now_s) - WINDOW_S)
                self._add_documents(server, matching_documents(normalized.documents, configuration), now_s)
            self._remove_expired(now_s)

    def observe(self, items: Sequence[Item], now_s: float) -> None:
        """Process committed items; see `LiveFeed`. Items that ended more than `MAX_DELAY_S` ago are dropped."""
        recent = recent_by_server(items, int((now_s - MAX_DELAY_S) * SECOND_US))
        if not recent:
            return
        with self._lock:
            reporting = [
                _casefold(server)
                for server in self._servers.values()
                if server.source is Source.PROTOCOL and server.is_online(now_s)
            ]
            for name, of_server in recent.items():
                if not any(_is_same(_casefold(name), other) for other in reporting):
                    self._add_telemetry(name, of_server, now_s)
            self._remove_expired(now_s)

    def copy(self, now_s: float) -> LiveStateCopy:
        """Return the state at `now_s`."""
        with self._lock:
            self._remove_expired(now_s)
            servers = tuple(server.copy() for server in self._servers.values())
            return LiveStateCopy(now_s, servers, tuple(self._documents), self._configuration)

    def _reporting_server(self, identity: ServerIdentity, now_s: float) -> Server:
        """Return the server that reports. Its entry from telemetry is removed, so that it is counted once."""
        id_ = _id_of(identity)
        server = self._servers.get(id_)
        if server is None or not server.is_online(now_s):
            name = ServerName(identity.role or self._app_name, identity.instance)
            self._remove_telemetry_server(name)
            server = server or Server(id_, Source.PROTOCOL, *name, identity.machine, identity.sdk_version, now_s)
            self._servers[id_] = server
        self._servers.move_to_end(id_)
        return server

    def _remove_telemetry_server(self, name: ServerName) -> None:
        duplicates = [
            other.id
            for other in self._servers.values()
            if other.source is Source.TELEMETRY and _is_same(_casefold(other), _casefold(name))
        ]
        for id_ in duplicates:
            del self._servers[id_]

    def _add_telemetry(self, name: ServerName, recent: RecentItems, now_s: float) -> None:
        """Add telemetry to its server."""
        id_ = _id(Source.TELEMETRY, *name)
        server = self._servers.get(id_)
        if server is None:
            sdk_version = recent.items[0].sdk_version
            server = self._servers[id_] = Server(id_, Source.TELEMETRY, *name, "", sdk_version, now_s)
        self._servers.move_to_end(id_)
        delay_s = server.update_delay(now_s - recent.oldest_end_us / SECOND_US, now_s)
        metrics = self._configuration.metrics
        server.add(seconds_of(recent.items, round(delay_s * SECOND_US), metrics), metrics, now_s)
        server.delete_before(int(now_s) - WINDOW_S)
        documents = feed_documents(recent.items, self._configuration, self._documents_allowed(now_s))
        self._add_documents(server, documents, now_s)

    def _add_documents(self, server: Server, documents: Sequence[Document], now_s: float) -> None:
        """Add documents to the feed, up to the limit per second."""
        for document in documents[: self._documents_allowed(now_s)]:
            self._last_number += 1
            self._documents_left -= 1
            self._documents.append(FeedDocument(self._last_number, server.id, server.role, server.instance, document))

    def _documents_allowed(self, now_s: float) -> int:
        """Return how many documents the feed accepts in the current second."""
        if int(now_s) != self._document_second:
            self._document_second = int(now_s)
            self._documents_left = DOCUMENTS_PER_SECOND
        return self._documents_left

    def _remove_expired(self, now_s: float) -> None:
        """Remove expired servers, and those over the limit."""
        while self._servers:
            oldest = next(iter(self._servers.values()))
            if len(self._servers) <= MAX_SERVERS and not oldest.is_expired(now_s):
                break
            self._servers.popitem(last=False)


def _casefold(named: Server | ServerName) -> ServerName:
    return ServerName(named.role.casefold(), named.instance.casefold())


def _is_same(one: ServerName, other: ServerName) -> bool:
    """Return whether two names can be the same server; an instance without a name matches any instance of its role."""
    return one.role == other.role and (one.instance == other.instance or not one.instance or not other.instance)


def _id_of(identity: ServerIdentity) -> str:
    return _id(Source.PROTOCOL, identity.stream_id or f"{identity.role}|{identity.instance}|{identity.machine}")


def _id(*parts: str) -> str:
    """Return a short id for use in URLs."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]
