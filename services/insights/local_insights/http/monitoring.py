"""What supervisors, load balancers and monitors ask: does it live, does it take telemetry, how much has it taken?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.stats import IngestStats
from local_insights.store.contract import Store


def monitoring_routes(store: Store, counts: IngestStats) -> list[BaseRoute]:
    """Routes for `GET /healthz`, `/readyz` and `/metrics`; the store's errors become their 503.

    A server that is not healthy should be started again; one that is healthy and not ready needs time, or space.

    Args:
        store: is asked for its state.
        counts: what was taken in.
    """

    async def healthz(_: Request) -> Response:
        """200 while the store answers queries."""
        stats = await run_in_threadpool(store.stats)
        return JSONResponse({"status": "ok", "items": stats.items})

    async def readyz(_: Request) -> Response:
        """200 while the store would take items."""
        await run_in_threadpool(store.require_ready)
        return JSONResponse({"status": "ok"})

    async def metrics(request: Request) -> Response:
        """The counters, in the one of Prometheus' formats that is asked for."""
        return await run_in_threadpool(_metrics, store, counts, request.headers.get("accept", ""))

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def _metrics(store: Store, counts: IngestStats, accept: str) -> Response:
    from local_insights.http.metrics import exposition  # noqa: PLC0415 (a tenth of a second that starting does without)

    text, content_type = exposition(counts, store.stats(), accept)
    return Response(text, headers={"content-type": content_type})
