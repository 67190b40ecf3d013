"""The echo service: answers with the value it was given."""

import asyncio
import logging
from http import HTTPStatus
from typing import Annotated

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, StringConstraints

from echo.demonstrations import FAIL_VALUE, SLOW_DELAY_S, SLOW_VALUE, DeliberateFailureError
from echo.settings import EchoSettings
from service.body_limit import BodyLimitMiddleware
from service.console_logs import ConsoleLogSettings, log_to_console
from service.problems import install_problem_handlers, problem_responses
from telemetry import Telemetry, TelemetrySettings
from telemetry.integrations.fastapi import trace_app

GRACE_S = 5
"""How long running answers may take once the service is told to stop; then its telemetry is delivered."""
MAX_BODY_BYTES = 256 * 1024
"""1,000 characters take at most 12 kB of JSON; what is longer, up to here, still gets a validation message."""

logger = logging.getLogger(__name__)


class Echoed(BaseModel):
    """A value, on its way in and on its way back."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def create_app(telemetry: Telemetry | None = None) -> FastAPI:
    """Build the service.

    Args:
        telemetry: Where its spans and logs go; by default what the environment says (`TelemetrySettings`).
    """
    telemetry = telemetry or Telemetry(TelemetrySettings(role="echo"))
    app = FastAPI(title="echo", summary="Answers with the value it was given.", docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=MAX_BODY_BYTES)
    install_problem_handlers(app)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Say that the service runs."""
        return {"status": "ok"}

    @app.post(
        "/echo",
        responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.INTERNAL_SERVER_ERROR),
    )
    async def echo(body: Echoed) -> Echoed:
        """Answer with the value. Two values misbehave for demonstration: `slow` waits, `fail` fails."""
        if body.value == SLOW_VALUE:
            logger.warning("waiting %s s before the answer, as the value asked for", SLOW_DELAY_S)
            await asyncio.sleep(SLOW_DELAY_S)
        if body.value == FAIL_VALUE:
            message = f"failed on purpose, as the value {FAIL_VALUE!r} asks for"
            raise DeliberateFailureError(message)
        logger.info("echoed a value (length %s)", len(body.value))
        return body

    telemetry.capture_logs("echo", level=logging.INFO)
    trace_app(app, telemetry, excluded_paths=("/healthz",))
    return app


def main() -> None:
    """Serve until told to stop by SIGTERM or Ctrl-C."""
    settings = EchoSettings()
    log_to_console(ConsoleLogSettings())
    uvicorn.run(
        create_app(),
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="info",
        timeout_graceful_shutdown=GRACE_S,
    )
