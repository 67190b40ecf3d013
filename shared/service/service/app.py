"""The FastAPI application of a service, and the server that runs it."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Final

import uvicorn
from fastapi import FastAPI

from service.body_limit import BodyLimitMiddleware
from service.console_logs import ConsoleLogSettings, CurrentIds, log_to_console
from service.docs_page import DOCS_PATHS, add_docs_page
from service.problems import install_problem_handlers
from service.same_site import SameSiteMiddleware

MAX_BODY_BYTES: Final = 256 * 1024
"""A value of 1,000 characters is at most 12 kB of JSON. Up to this limit, a longer body gets a validation message."""

GRACE_S: Final = 5
"""Seconds that running requests may take after SIGTERM. Telemetry is flushed after that."""

UNTRACED_PATHS: Final = ("/healthz", *DOCS_PATHS)
"""The paths of the health check and of the documentation, to be excluded from tracing."""


def service_app(
    name: str,
    summary: str,
    current_ids: CurrentIds,
    *,
    host_names: Collection[str] = (),
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """Return a FastAPI application with problem documents, a body limit and a documentation page at `/docs`.

    Requests that a page of another site makes a browser send are rejected (`SameSiteMiddleware`).

    Args:
        name: The title, and the name of the logger that records rejected input.
        summary: One sentence for the OpenAPI document.
        current_ids: Returns the ids of the current operation, for problem documents and log lines.
        host_names: Names and addresses under which clients reach the service, in addition to those of the loopback
            interface and of the connection.
        lifespan: Start-up and shutdown of the service.
    """
    app = FastAPI(title=name, summary=summary, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=MAX_BODY_BYTES)
    app.add_middleware(SameSiteMiddleware, host_names=host_names)
    install_problem_handlers(app, current_ids)
    add_docs_page(app)
    return app


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve an application of `service_app` until SIGTERM or Ctrl-C, with log lines on the console."""
    log_to_console(ConsoleLogSettings(), app.state.current_ids)
    uvicorn.run(app, host=host, port=port, log_config=None, log_level="info", timeout_graceful_shutdown=GRACE_S)
