"""A traced FastAPI service: `insights serve`, then `uvicorn --app-dir examples one_service:app` (both in .venv/bin)."""

import logging

from fastapi import FastAPI

from telemetry import Telemetry, TelemetrySettings
from telemetry.integrations.fastapi import trace_app

app = FastAPI()
telemetry = Telemetry(TelemetrySettings(role="one-service"))
telemetry.capture_logs("one_service", level=logging.INFO)
trace_app(app, telemetry)


@app.get("/hello/{name}")
async def hello(name: str) -> str:
    """Return a greeting."""
    logging.getLogger("one_service").info("greeting a name of %s characters", len(name))
    return f"Hello, {name}!"
