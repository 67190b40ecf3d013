"""The ASGI application of the server: ingest, monitoring, backup, Live Metrics and portal around one store."""

import asyncio

from starlette.applications import Starlette
from starlette.middleware import Middleware

from local_insights.backup.routes import backup_routes
from local_insights.http.allowed_hosts import AllowedHosts
from local_insights.http.middleware import CheckHost, CollapseSlashes, CrossOrigin, SecurityHeaders
from local_insights.http.monitoring import monitoring_routes
from local_insights.http.problems import PROBLEMS
from local_insights.ingest.collector import Collector
from local_insights.ingest.live.routes import quickpulse_routes
from local_insights.ingest.memory_budget import MemoryBudget
from local_insights.ingest.otlp.routes import otlp_routes
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.rejections import reject_unknown_paths
from local_insights.ingest.routes import ingest_routes
from local_insights.ingest.stats import IngestStats
from local_insights.model.live.live_state import LiveState
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
    live_state = LiveState(settings.app_name)
    policy = IngestPolicy(settings.app_name, settings.allowed_keys, settings.keep_sdk_statistics)
    budget = MemoryBudget(settings.max_inflight_mb * 1024 * 1024)
    allowed_hosts = AllowedHosts.of_server(settings.addresses, (*settings.tls_names, *settings.host_names))
    collector = Collector(store, policy, budget, IngestStats(), live_state)
    app = Starlette(
        routes=[
            *ingest_routes(collector),
            *otlp_routes(collector),
            *quickpulse_routes(live_state),
            *monitoring_routes(store, collector.stats, budget.require_space),
            *backup_routes(store),
            *portal_routes(store, live=live_state, stopping=stopping, time_limit_s=settings.query_timeout_s),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(CollapseSlashes),
            Middleware(CheckHost, allowed_hosts),
            Middleware(CrossOrigin),
        ],
        exception_handlers=PROBLEMS,
    )
    reject_unknown_paths(app, collector.rejections, collector.stats)
    return app
