"""The echo service: returns the value that it receives."""

import asyncio
import logging
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, StringConstraints

from echo.demonstrations import FAIL_VALUE, SLOW_DELAY_S, SLOW_VALUE, DeliberateFailureError
from echo.settings import EchoSettings
from service import UNTRACED_PATHS, serve, service_app, split_names
from service.problems import problem_responses
from telemetry import Telemetry, TelemetrySettings, current_ids
from telemetry.integrations.fastapi import trace_app

logger = logging.getLogger(__name__)


class Echoed(BaseModel):
    """A value, in the request and in the response."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def create_app(telemetry: Telemetry | None = None, settings: EchoSettings | None = None) -> FastAPI:
    """Return the service; telemetry (`TelemetrySettings`) and settings default to those of the environment."""
    settings = settings or EchoSettings()
    telemetry = telemetry or Telemetry(TelemetrySettings(role="echo"))
    names = (settings.host, *split_names(settings.host_names))
    app = service_app("echo", "Returns the value that it receives.", current_ids, host_names=names)
    telemetry.capture_logs("echo", level=logging.INFO)
    trace_app(app, telemetry, excluded_paths=UNTRACED_PATHS)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Report that the service runs."""
        return {"status": "ok"}

    @app.post("/echo", responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INTERNAL_SERVER_ERROR))
    async def echo(body: Echoed) -> Echoed:
        """Return the value. Two values demonstrate faults: `slow` waits, `fail` fails."""
        if body.value == SLOW_VALUE:
            logger.warning("value %r delays the response by %s s", SLOW_VALUE, SLOW_DELAY_S)
            await asyncio.sleep(SLOW_DELAY_S)
        if body.value == FAIL_VALUE:
            message = f"deliberate failure for the value {FAIL_VALUE!r}"
            raise DeliberateFailureError(message)
        logger.info("echoed a value (length %s)", len(body.value))
        return body

    return app


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = EchoSettings()
    serve(create_app(settings=settings), settings.host, settings.port)
