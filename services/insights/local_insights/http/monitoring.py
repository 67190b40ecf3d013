"""Health, readiness and metrics endpoints, for supervisors, load balancers and Prometheus."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.stats import IngestStats
from local_insights.store.contract import HealthReader


def monitoring_routes(
    store: HealthReader, counts: IngestStats, require_space: Callable[[], None] = lambda: None
) -> list[BaseRoute]:
    """Return the routes `GET /healthz`, `/readyz` and `/metrics`. Errors of the store become status 503.

    An unhealthy server should be restarted. A healthy server that is not ready needs time, memory or disk space.

    Args:
        store: the store.
        counts: numbers of ingested items since the start of the server.
        require_space: raises `StoreUnavailableError` if the memory for telemetry in flight is full.
    """

    async def healthz(_: Request) -> Response:
        """Respond with 200 if the store executes queries."""
        stats = await run_in_threadpool(store.stats)
        return JSONResponse({"status": "ok", "items": stats.items})

    async def readyz(_: Request) -> Response:
        """Respond with 200 if the batch of an SDK would be accepted."""
        require_space()
        await run_in_threadpool(store.require_ready)
        return JSONResponse({"status": "ok"})

    async def metrics(request: Request) -> Response:
        """Respond with the metrics in the format that the header `Accept` requests."""
        return await run_in_threadpool(_metrics, store, counts, request.headers.get("accept", ""))

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def _metrics(store: HealthReader, counts: IngestStats, accept: str) -> Response:
    from local_insights.http.metrics import exposition  # noqa: PLC0415 (takes 0.1 s; not needed at start-up)

    text, content_type = exposition(counts, store.stats(), accept)
    return Response(text, headers={"content-type": content_type})
