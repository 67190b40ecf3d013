"""The servers of the last minute, and the feed: what Live Metrics is made of.

Reports (by the Live Metrics protocol) and telemetry may come from any thread. A server that speaks the protocol sends
telemetry as well; it counts once, by its own report.
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
"""Beyond this, the server that has been silent for longest is forgotten."""
MAX_DOCUMENTS = 200
DOCUMENTS_PER_SECOND = 40
"""More could not be read; and a flood of failures must not make ingest slow."""


class LiveFeed(Protocol):
    """Whoever wants to see telemetry once it is kept."""

    def observe(self, items: Sequence[Item], now_s: float) -> None:
        """Take note of items that were committed just now. Cheap, and never raises for what the items hold."""


@dataclass(frozen=True, slots=True)
class LiveStateCopy:
    """Everything the board knows at one moment; nobody changes it any more."""

    now_s: float
    servers: tuple[Server, ...]
    documents: tuple[FeedDocument, ...]
    configuration: LiveConfiguration


class LiveState:
    """See the module's text.

    Args:
        app_name: role of servers that name none.
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
        """What servers are asked to collect."""
        return self._configuration

    def configure(self, configuration: LiveConfiguration) -> None:
        """Ask for something else from now on."""
        with self._lock:
            self._configuration = configuration

    def report(self, points: Sequence[DataPoint], now_s: float) -> None:
        """Take in what servers say of themselves, each about the second that ends now.

        Of several data points of one server, which it sends after a failed attempt, the newest counts.
        """
        with self._lock:
            configuration = self._configuration
            durations = {metric.id for metric in configuration.metrics if metric.projection == PROJECTED_DURATION}
            known = [metric.id for metric in configuration.metrics]
            newest = {_id_of(point.identity): point for point in points}
            for point in newest.values():
                mended = normalize(point, durations)
                server = self._reporting(mended.identity, now_s)
                server.report(second_of(mended, known), now_s)
                server.errors = mended.errors
                server.delete_before(int(now_s) - WINDOW_S)
                self._show(server, matching_documents(mended.documents, configuration), now_s)
            self._tidy(now_s)

    def observe(self, items: Sequence[Item], now_s: float) -> None:
        """See `LiveFeed`. Items that ended more than `MAX_DELAY_S` ago are history, and do not count."""
        recent = recent_by_server(items, int((now_s - MAX_DELAY_S) * SECOND_US))
        if not recent:
            return
        with self._lock:
            reporting = [
                _folded(one) for one in self._servers.values() if one.source is Source.PROTOCOL and one.is_online(now_s)
            ]
            for name, of_server in recent.items():
                if not any(_are_same(_folded(name), other) for other in reporting):
                    self._take_in(name, of_server, now_s)
            self._tidy(now_s)

    def copy(self, now_s: float) -> LiveStateCopy:
        """What is known now."""
        with self._lock:
            self._tidy(now_s)
            servers = tuple(server.copy() for server in self._servers.values())
            return LiveStateCopy(now_s, servers, tuple(self._documents), self._configuration)

    def _reporting(self, identity: ServerIdentity, now_s: float) -> Server:
        """The server that reports; what telemetry told of it until now goes, lest it counts twice."""
        id_ = _id_of(identity)
        server = self._servers.get(id_)
        if server is None or not server.is_online(now_s):
            name = ServerName(identity.role or self._app_name, identity.instance)
            self._forget_telemetry_of(name)
            server = server or Server(id_, Source.PROTOCOL, *name, identity.machine, identity.sdk_version, now_s)
            self._servers[id_] = server
        self._servers.move_to_end(id_)
        return server

    def _forget_telemetry_of(self, name: ServerName) -> None:
        doubles = [
            other.id
            for other in self._servers.values()
            if other.source is Source.TELEMETRY and _are_same(_folded(other), _folded(name))
        ]
        for id_ in doubles:
            del self._servers[id_]

    def _take_in(self, name: ServerName, recent: RecentItems, now_s: float) -> None:
        """Add telemetry to the server it is of."""
        id_ = _id(Source.TELEMETRY, *name)
        server = self._servers.get(id_)
        if server is None:
            sdk_version = recent.items[0].sdk_version
            server = self._servers[id_] = Server(id_, Source.TELEMETRY, *name, "", sdk_version, now_s)
        self._servers.move_to_end(id_)
        delay_s = server.delay_of(now_s - recent.oldest_end_us / SECOND_US, now_s)
        metrics = self._configuration.metrics
        server.add(seconds_of(recent.items, round(delay_s * SECOND_US), metrics), metrics, now_s)
        server.delete_before(int(now_s) - WINDOW_S)
        self._show(server, feed_documents(recent.items, self._configuration, self._room(now_s)), now_s)

    def _show(self, server: Server, documents: Sequence[Document], now_s: float) -> None:
        """Put documents into the feed, as many as this second has room for."""
        for document in documents[: self._room(now_s)]:
            self._last_number += 1
            self._documents_left -= 1
            self._documents.append(FeedDocument(self._last_number, server.id, server.role, server.instance, document))

    def _room(self, now_s: float) -> int:
        if int(now_s) != self._document_second:
            self._document_second = int(now_s)
            self._documents_left = DOCUMENTS_PER_SECOND
        return self._documents_left

    def _tidy(self, now_s: float) -> None:
        """Forget servers that nothing can be shown of, and those beyond the limit."""
        while self._servers:
            eldest = next(iter(self._servers.values()))
            if len(self._servers) <= MAX_SERVERS and not eldest.is_expired(now_s):
                break
            self._servers.popitem(last=False)


def _folded(named: Server | ServerName) -> ServerName:
    return ServerName(named.role.casefold(), named.instance.casefold())


def _are_same(one: ServerName, other: ServerName) -> bool:
    """Whether two names are of the same server; an instance that is not named can be any of its role."""
    return one.role == other.role and (one.instance == other.instance or not one.instance or not other.instance)


def _id_of(identity: ServerIdentity) -> str:
    return _id(Source.PROTOCOL, identity.stream_id or f"{identity.role}|{identity.instance}|{identity.machine}")


def _id(*parts: str) -> str:
    """A short name for use in addresses."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]
