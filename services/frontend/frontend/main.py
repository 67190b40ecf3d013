"""The frontend service: takes a value, has it echoed, has it stored, shows the result."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from frontend.mesh import KEEPALIVE_S, Mesh
from frontend.page import page_router
from frontend.portal import Portal
from frontend.settings import FrontendSettings
from frontend.values import values_router
from service.body_limit import BodyLimitMiddleware
from service.console_logs import ConsoleLogSettings, log_to_console
from service.problems import install_problem_handlers
from telemetry import Telemetry, TelemetrySettings
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.httpx import TracedAsyncTransport

GRACE_S = 5
"""How long running answers may take once the service is told to stop; then its telemetry is delivered."""
MAX_BODY_BYTES = 256 * 1024
"""1,000 characters take at most 12 kB of JSON or form data; what is longer, up to here, still gets a message."""

STATIC_FILES = Path(__file__).parent / "static"


def create_app(
    settings: FrontendSettings | None = None,
    telemetry: Telemetry | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Build the service.

    Args:
        settings: By default what the environment says.
        telemetry: Where its spans and logs go; by default what the environment says (`TelemetrySettings`).
        transport: Takes the place of the network in tests.
    """
    settings = settings or FrontendSettings()
    telemetry = telemetry or Telemetry(TelemetrySettings(role="frontend"))
    transport = transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(keepalive_expiry=KEEPALIVE_S))
    mesh = Mesh(settings, TracedAsyncTransport(telemetry, transport))
    only_azure = all(connection.is_azure for connection in telemetry.settings.connections)
    portal = Portal(None if only_azure else settings.insights_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await mesh.aclose()

    app = FastAPI(
        title="frontend",
        summary="Takes a value, has it echoed, has it stored, shows the result.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=MAX_BODY_BYTES)
    install_problem_handlers(app)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Say that the service runs; whether echo and storage do, they say themselves."""
        return {"status": "ok"}

    app.include_router(page_router(mesh, portal))
    app.include_router(values_router(mesh, portal))
    app.mount("/static", StaticFiles(directory=STATIC_FILES))
    static_paths = [f"/static/{file.name}" for file in STATIC_FILES.iterdir()]
    telemetry.capture_logs("frontend", level=logging.INFO)
    trace_app(app, telemetry, excluded_paths=("/healthz", *static_paths))
    return app


def main() -> None:
    """Serve until told to stop by SIGTERM or Ctrl-C."""
    settings = FrontendSettings()
    log_to_console(ConsoleLogSettings())
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="info",
        timeout_graceful_shutdown=GRACE_S,
    )
