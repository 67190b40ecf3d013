"""FastAPI: one server span per request and per WebSocket session."""

from telemetry.integrations.fastapi.middleware import trace_app

__all__ = ["trace_app"]
