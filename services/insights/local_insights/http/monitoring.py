"""Health, readiness and metrics endpoints, for supervisors, load balancers and Prometheus."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.stats import IngestStats
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import HealthReader, StoreError, StoreUnavailableError

QUERY_WAIT_S = 0.1
"""A health check waits no longer for its query; it then responds with the result of the previous one."""
STUCK_AFTER_S = 60.0
"""A query that takes longer, several times the query timeout, means that the store executes none."""


def monitoring_routes(
    store: HealthReader, counts: IngestStats, require_space: Callable[[], None] = lambda: None
) -> list[BaseRoute]:
    """Return the routes `GET /healthz`, `/readyz` and `/metrics`. Errors of the store become status 503.

    An unhealthy server should be restarted. A healthy server that is not ready needs time, memory or disk space. Both
    checks respond from the event loop: they do not wait for the thread pool, which executes the queries of pages.

    Args:
        store: the store.
        counts: numbers of ingested items since the start of the server.
        require_space: raises `StoreUnavailableError` if the memory for telemetry in flight is full.
    """
    health = StoreHealth(store)

    async def healthz(_: Request) -> Response:
        """Respond with 200 if the store executes queries."""
        stats = await health.stats()
        items = None if stats is None else stats.items
        return JSONResponse({"status": "ok", "items": items, "duplicates": counts.items_duplicate})

    async def readyz(_: Request) -> Response:
        """Respond with 200 if the batch of an SDK would be accepted."""
        require_space()
        store.require_ready()
        return JSONResponse({"status": "ok"})

    async def metrics(request: Request) -> Response:
        """Respond with the metrics in the format that the header `Accept` requests."""
        return await run_in_threadpool(_metrics, store, counts, request.headers.get("accept", ""))

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


class StoreHealth:
    """The contents of the store for health checks, which respond within `QUERY_WAIT_S` also when queries are slow.

    At most one query runs at a time, in a thread of its own.
    """

    def __init__(self, store: HealthReader, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._thread = CapacityLimiter(1)
        self._query: asyncio.Future[StoreStats] | None = None
        self._began_s = 0.0
        self._error: BaseException | None = None
        self._stats: StoreStats | None = None
        with suppress(StoreError):
            self._stats = store.stats()

    async def stats(self) -> StoreStats | None:
        """Return the result of a query that starts now, or the last one; None before the first result.

        Raises:
            StoreUnavailableError: the query has run for `STUCK_AFTER_S`.
            Exception: the query failed.
        """
        if self._query is None:
            self._began_s = self._clock()
            self._query = asyncio.ensure_future(to_thread.run_sync(self._store.stats, limiter=self._thread))
            self._query.add_done_callback(self._finish)
        await asyncio.wait([self._query], timeout=QUERY_WAIT_S)
        if self._error is not None:
            raise self._error
        running_s = self._clock() - self._began_s
        if self._query is not None and running_s > STUCK_AFTER_S:
            message = f"the store has not finished a query for {running_s:.0f} s"
            raise StoreUnavailableError(message)
        return self._stats

    def _finish(self, query: "asyncio.Future[StoreStats]") -> None:
        self._query = None
        if query.cancelled():
            return
        self._error = query.exception()
        if self._error is None:
            self._stats = query.result()


def _metrics(store: HealthReader, counts: IngestStats, accept: str) -> Response:
    from local_insights.http.metrics import exposition  # noqa: PLC0415 (takes 0.1 s; not needed at start-up)

    text, content_type = exposition(counts, store.stats(), accept)
    return Response(text, headers={"content-type": content_type})
