"""The measured endpoint, with and without tracing.

    python -m benchmarks.tracing.variants VARIANT SERVER PORT ENDPOINT STORAGE_DIR

Each variant runs in a separate process and imports only its own packages: OpenTelemetry runs in a separate environment.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

KEY = "00000000-0000-0000-0000-000000000000"
SERVERS: Mapping[str, dict[str, Any]] = {
    "uvloop, httptools": {"loop": "uvloop", "http": "httptools"},
    "asyncio, h11": {"loop": "asyncio", "http": "h11"},
}


def endpoint_app() -> Any:  # noqa: ANN401, OpenTelemetry must be imported before FastAPI
    """Return an application with one endpoint and one parameter."""
    from fastapi import FastAPI  # noqa: PLC0415, see above

    app = FastAPI()

    @app.get("/values/{value}")
    async def value(value: int) -> dict[str, int]:
        return {"value": value}

    return app


def untraced(_endpoint: str, _storage_dir: Path) -> Any:  # noqa: ANN401
    """Return the application without tracing."""
    return endpoint_app()


def lean(endpoint: str, _storage_dir: Path) -> Any:  # noqa: ANN401
    """Return the application with the cheapest possible tracing."""
    from benchmarks.tracing.lean import LeanTracing  # noqa: PLC0415

    app = endpoint_app()
    app.add_middleware(LeanTracing, endpoint=endpoint, key=KEY)
    return app


def telemetry(endpoint: str, storage_dir: Path) -> Any:  # noqa: ANN401
    """Return the application with this project's library and its default settings."""
    from telemetry import Telemetry, TelemetrySettings  # noqa: PLC0415
    from telemetry.integrations.fastapi import trace_app  # noqa: PLC0415

    settings = TelemetrySettings(
        role="measured", connection_string=_connection_string(endpoint), storage_dir=storage_dir
    )
    app = endpoint_app()
    trace_app(app, Telemetry(settings))
    return app


def ext_fastapi(endpoint: str, storage_dir: Path) -> Any:  # noqa: ANN401
    """OpenCensus' own extension and exporter."""
    from opencensus.ext.azure.trace_exporter import AzureExporter  # noqa: PLC0415
    from opencensus.ext.fastapi.fastapi_middleware import FastAPIMiddleware  # noqa: PLC0415
    from opencensus.trace.samplers import AlwaysOnSampler  # noqa: PLC0415

    exporter = AzureExporter(
        connection_string=_connection_string(endpoint), storage_path=str(storage_dir / "ext-fastapi")
    )
    app = endpoint_app()
    app.add_middleware(FastAPIMiddleware, exporter=exporter, sampler=AlwaysOnSampler())
    return app


def opentelemetry(endpoint: str, storage_dir: Path) -> Any:  # noqa: ANN401
    """Return the application with Azure's OpenTelemetry distribution; features other than tracing are off."""
    distribution = import_module("azure.monitor.opentelemetry")  # installed in its own environment only
    distribution.configure_azure_monitor(
        connection_string=_connection_string(endpoint),
        storage_directory=str(storage_dir / "opentelemetry"),
        enable_live_metrics=False,
        enable_performance_counters=False,
    )
    return endpoint_app()


VARIANTS: Mapping[str, Callable[[str, Path], Any]] = {
    "untraced": untraced,
    "lean": lean,
    "telemetry": telemetry,
    "ext-fastapi": ext_fastapi,
    "opentelemetry": opentelemetry,
}
OF_OPENTELEMETRY = {"opentelemetry"}
ENVIRONMENT = {
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_TRACES_SAMPLER": "always_on",
}
"""Environment of all variants: every request is traced, and only spans are exported."""


def _connection_string(endpoint: str) -> str:
    return f"InstrumentationKey={KEY};IngestionEndpoint={endpoint};LiveEndpoint={endpoint}"


def serve(variant: str, server: str, port: int, endpoint: str, storage_dir: Path) -> None:
    """Serve a variant until a signal is received."""
    import uvicorn  # noqa: PLC0415

    app = VARIANTS[variant](endpoint, storage_dir)
    uvicorn.run(app, port=port, log_level="error", access_log=False, **SERVERS[server])


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
