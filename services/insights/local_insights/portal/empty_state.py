"""What pages show when there is nothing to show."""

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
"""SDKs refuse a connection string without a key; which key it is makes no difference here."""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What is missing, and how to get it.

    `older_link` leads to a time range that does hold telemetry, empty when there is none at all.
    """

    title: str
    explanation: str
    connection_string: str
    older_link: str = ""
    older_label: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: at which of its addresses, under which address of this server, and when."""

    path: str
    server: str
    now: datetime

    @classmethod
    def from_request(cls, request: Request, path: str, now: datetime) -> Self:
        """The sender of a request; what reached this server from there reaches it for applications there, too."""
        return cls(path, f"{request.url.scheme}://{request.url.netloc}", now)


def empty_state(time: TimeQuery, stats: StoreStats, viewer: Viewer, *, first: str) -> EmptyState:
    """Say why there is nothing in a time range; `first` says when there will be something."""
    connection_string = (
        f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint={viewer.server};LiveEndpoint={viewer.server}"
    )
    if stats.newest_us is None:
        return EmptyState("No telemetry yet", first, connection_string)
    within = time.time_range.start <= utc(stats.newest_us)
    explanation = (
        f"{stats.items:,} items are stored, but none of this time is a request or a call of a dependency."
        if within
        else f"{stats.items:,} items are stored; the newest is of {timestamp(stats.newest_us)[:16]} UTC."
    )
    oldest_us = stats.newest_us if stats.oldest_us is None else stats.oldest_us
    reach_us = stats.newest_us if not within else oldest_us
    since = since_reaching(max(viewer.now - utc(reach_us), timedelta()))
    link = f"{viewer.path}?{urlencode({'since': since})}"
    return EmptyState(
        f"No requests in {time.label}", explanation, connection_string, link, f"Look at {describe_since(since)}"
    )
