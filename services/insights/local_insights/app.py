"""The server's application: ingest and portal around one store."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.routes import ingest_routes
from local_insights.middleware import CollapseSlashes, SecurityHeaders
from local_insights.portal.routes import portal_routes
from local_insights.problems import PROBLEMS
from local_insights.settings import Settings
from local_insights.store.contract import Store


def create_app(settings: Settings, store: Store) -> Starlette:
    """Put the parts together. Whoever opened the store closes it, after the last answer.

    Starlette alone: FastAPI would take a third of the time that the server has to start in, and validate nothing here.
    """
    return Starlette(
        routes=[*ingest_routes(store, settings), *_health_routes(store), *portal_routes(store)],
        middleware=[Middleware(SecurityHeaders), Middleware(CollapseSlashes)],
        exception_handlers=PROBLEMS,
    )


def _health_routes(store: Store) -> list[BaseRoute]:
    async def healthz(_: Request) -> Response:
        """200 while the store answers; 503, by way of the store's error, when it does not."""
        holdings = await run_in_threadpool(store.holdings)
        return JSONResponse({"status": "ok", "items": holdings.items})

    return [Route("/healthz", healthz)]
