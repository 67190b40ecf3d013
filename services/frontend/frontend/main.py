"""The frontend service: sends a value to echo, has the result stored, shows both."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from frontend.backends import KEEPALIVE_S, Backends
from frontend.links import PortalLinks
from frontend.page import page_router
from frontend.settings import FrontendSettings
from frontend.values import values_router
from service import UNTRACED_PATHS, serve, service_app, split_names
from telemetry import Telemetry, TelemetrySettings, current_ids
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.httpx import TracedAsyncTransport

STATIC_FILES = Path(__file__).parent / "static"


def create_app(
    settings: FrontendSettings | None = None,
    telemetry: Telemetry | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Return the service.

    Args:
        settings: Defaults to those of the environment.
        telemetry: Defaults to that of the environment (`TelemetrySettings`).
        transport: Replaces the network in tests.
    """
    settings = settings or FrontendSettings()
    telemetry = telemetry or Telemetry(TelemetrySettings(role="frontend"))
    transport = transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(keepalive_expiry=KEEPALIVE_S))
    backends = Backends(settings, TracedAsyncTransport(telemetry, transport))
    only_azure = all(connection.is_azure for connection in telemetry.settings.connections)
    links = PortalLinks(None if only_azure else settings.insights_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await backends.aclose()

    summary = "Sends a value to echo, has the result stored, shows both."
    names = (settings.host, *split_names(settings.host_names))
    app = service_app("frontend", summary, current_ids, host_names=names, lifespan=lifespan)
    static_paths = [f"/static/{file.name}" for file in STATIC_FILES.iterdir()]
    telemetry.capture_logs("frontend", level=logging.INFO)
    trace_app(app, telemetry, excluded_paths=(*UNTRACED_PATHS, *static_paths))

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Report that the service runs. Echo and storage have health checks of their own."""
        return {"status": "ok"}

    app.include_router(page_router(backends, links))
    app.include_router(values_router(backends, links))
    app.mount("/static", StaticFiles(directory=STATIC_FILES))
    return app


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = FrontendSettings()
    serve(create_app(settings), settings.host, settings.port)
