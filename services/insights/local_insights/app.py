"""The ASGI application of the server: ingest, monitoring, backup, Live Metrics and portal around one store."""

import asyncio
import time
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware

from local_insights.backup.routes import backup_routes
from local_insights.http.middleware import CollapseSlashes, CrossOrigin, SecurityHeaders
from local_insights.http.monitoring import monitoring_routes
from local_insights.http.problems import PROBLEMS
from local_insights.ingest.live.routes import quickpulse_routes
from local_insights.ingest.memory_budget import MemoryBudget
from local_insights.ingest.otlp.routes import otlp_routes
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.routes import ingest_routes
from local_insights.ingest.stats import IngestStats
from local_insights.model.item import Item
from local_insights.model.live.live_state import LiveFeed, LiveState
from local_insights.portal.live.routes import live_routes
from local_insights.portal.routes import portal_routes
from local_insights.settings import Settings
from local_insights.store.contract import Store


def create_app(settings: Settings, store: Store, stopping: asyncio.Event | None = None) -> Starlette:
    """Return the application. The caller closes the store after the last response.

    Args:
        settings: settings of the server.
        store: an open store.
        stopping: set when the server stops; endless responses such as event streams end then.
    """
    board = LiveState(settings.app_name)
    intake = IngestPolicy(settings.app_name, settings.allowed_keys, settings.keep_sdk_statistics)
    counts = IngestStats()
    budget = MemoryBudget(settings.max_inflight_mb * 1024 * 1024)
    watched = _Watched(store, board)
    return Starlette(
        routes=[
            *ingest_routes(watched, intake, budget, counts),
            *otlp_routes(watched, intake, budget, counts),
            *quickpulse_routes(board),
            *monitoring_routes(store, counts),
            *backup_routes(store),
            *live_routes(board, stopping or asyncio.Event()),
            *portal_routes(store),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(CollapseSlashes), Middleware(CrossOrigin)],
        exception_handlers=PROBLEMS,
    )


class _Watched:
    """Append items to the store, then pass them to Live Metrics, for every ingestion protocol."""

    def __init__(self, store: Store, feed: LiveFeed) -> None:
        self._store = store
        self._feed = feed

    async def append(self, items: Sequence[Item]) -> None:
        """See `Store.append`."""
        await self._store.append(items)
        self._feed.observe(items, time.time())
