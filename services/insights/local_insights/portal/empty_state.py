"""The content of a page that has no data to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from starlette.requests import Request

from local_insights.http.query_params import TimeQuery, describe_since
from local_insights.model.summaries import StoreStats
from local_insights.portal.formats import timestamp, utc
from local_insights.portal.page_layout import since_reaching

INSTRUMENTATION_KEY = "00000000-0000-0000-0000-000000000000"
"""SDKs reject a connection string without a key. The server accepts any key by default."""

DEFAULT_SERVER = "http://127.0.0.1:8080"
"""The address for which `insights demo` needs no option."""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """The missing data and how to get it.

    `older_link` opens a time range that contains telemetry; it is empty when nothing is stored.
    """

    title: str
    explanation: str
    connection_string: str
    demo_command: str
    older_link: str = ""
    older_label: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The request of a page: its path, the address of this server that it was sent to, and its time."""

    path: str
    server: str
    now: datetime

    @classmethod
    def from_request(cls, request: Request, path: str, now: datetime) -> Self:
        """Read the server's address from the request. An application on the same machine can use that address, too."""
        return cls(path, server_address(request), now)


def server_address(request: Request) -> str:
    """Return the address of this server that the request was sent to, such as `http://127.0.0.1:8080`."""
    return f"{request.url.scheme}://{request.url.netloc}"


def connection_string(server: str) -> str:
    """Return the connection string that sends telemetry to a server at this address."""
    return f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint={server};LiveEndpoint={server}"


def demo_command(server: str) -> str:
    """Return the command that sends sample telemetry to a server at this address."""
    return "insights demo" if server == DEFAULT_SERVER else f"insights demo --server {server}"


def empty_state(time: TimeQuery, stats: StoreStats, viewer: Viewer, *, first: str) -> EmptyState:
    """Explain why a time range has no data; `first` states when the page will have data."""
    to_connect, to_demo = connection_string(viewer.server), demo_command(viewer.server)
    if stats.newest_us is None:
        return EmptyState("No telemetry yet", first, to_connect, to_demo)
    within = time.time_range.start <= utc(stats.newest_us)
    explanation = (
        f"{stats.items:,} items are stored, but this time range has no request and no dependency call."
        if within
        else f"{stats.items:,} items are stored; the newest is from {timestamp(stats.newest_us)[:16]} UTC."
    )
    oldest_us = stats.newest_us if stats.oldest_us is None else stats.oldest_us
    reach_us = stats.newest_us if not within else oldest_us
    since = since_reaching(max(viewer.now - utc(reach_us), timedelta()))
    link = f"{viewer.path}?{urlencode({'since': since})}"
    return EmptyState(
        f"No requests in {time.label}", explanation, to_connect, to_demo, link, f"Show {describe_since(since)}"
    )
