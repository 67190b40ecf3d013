"""The routes of the portal: every page with its endpoints, and the static files."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.routing import BaseRoute, Mount

from local_insights.model.live.live_state import LiveState
from local_insights.portal.page_views import TIME_LIMIT_S, PortalContext
from local_insights.portal.pages import PAGES
from local_insights.portal.render import FOLDER, Templates
from local_insights.portal.responses import RevalidatedStaticFiles
from local_insights.store.contract import Store


def utc_now() -> datetime:
    """Return the current time, UTC."""
    return datetime.now(UTC)


def portal_routes(
    store: Store,
    now: Callable[[], datetime] = utc_now,
    *,
    live: LiveState | None = None,
    stopping: asyncio.Event | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> list[BaseRoute]:
    """Return all routes of the portal.

    A request that fails gets an error page from a page, and a problem document (RFC 9457) from an endpoint for
    programs: 400 for an invalid parameter, 404 for an unknown transaction, 503 for a query that timed out.

    Args:
        store: the stored telemetry.
        now: returns the current time, which is the end of relative time ranges.
        live: the state of Live Metrics; by default a new one, which receives no telemetry.
        stopping: set when the server stops, so that open streams end; by default never.
        time_limit_s: the CPU time that one request may use in Python.
    """
    templates = Templates([entry for entry in PAGES if entry.icon])
    context = PortalContext(store, live or LiveState(), stopping or asyncio.Event(), templates, now, time_limit_s)
    return [
        *(route for entry in PAGES for route in entry.views(entry, context).routes()),
        Mount("/static", RevalidatedStaticFiles(directory=FOLDER / "static"), name="static"),
    ]
