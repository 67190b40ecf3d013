"""FastAPI: one server span a request."""

from collections.abc import Collection

from fastapi import FastAPI

from telemetry.core import Telemetry


def trace_app(app: FastAPI, telemetry: Telemetry, *, excluded_paths: Collection[str] = ("/healthz",)) -> None:
    """Trace every request of `app`, and start and close `telemetry` with the app's lifespan."""
    raise NotImplementedError
