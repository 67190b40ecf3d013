"""The storage service: stores values in MySQL and lists the latest."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel, StringConstraints

from service import UNTRACED_PATHS, serve, service_app, split_names
from service.problems import problem_responses
from storage.database import Database, DatabaseUnavailableError, install_unavailable_handler, mysql_database
from storage.settings import MySQLSettings, StorageSettings, warn_of_exposure
from storage.value_table import StoredValue, ValueTable
from telemetry import Telemetry, TelemetrySettings, current_ids, current_operation_id
from telemetry.integrations.fastapi import trace_app

logger = logging.getLogger(__name__)


class NewValue(BaseModel):
    """A value to store."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def create_app(
    mysql: MySQLSettings | None = None,
    telemetry: Telemetry | None = None,
    database: Database | None = None,
    settings: StorageSettings | None = None,
) -> FastAPI:
    """Return the service.

    Args:
        mysql: Defaults to the settings of the environment.
        telemetry: Defaults to that of the environment (`TelemetrySettings`).
        database: Replaces MySQL in tests.
        settings: Defaults to those of the environment; host names, and whether to warn about the password.
    """
    mysql = mysql or MySQLSettings()
    settings = settings or StorageSettings()
    telemetry = telemetry or Telemetry(TelemetrySettings(role="storage"))
    table = ValueTable(database or mysql_database(mysql, telemetry))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        warn_of_exposure(settings, mysql)
        try:
            with telemetry.span("start"):
                await asyncio.to_thread(table.create)
        except DatabaseUnavailableError as error:
            logger.warning("MySQL at %s is not available (%s); the table is created later", mysql.address, error)
        yield

    names = (settings.host, *split_names(settings.host_names))
    app = service_app("storage", "Stores values in MySQL.", current_ids, host_names=names, lifespan=lifespan)
    install_unavailable_handler(app, mysql.address)
    telemetry.capture_logs("storage", level=logging.INFO)
    trace_app(app, telemetry, excluded_paths=UNTRACED_PATHS)
    _add_routes(app, table)
    return app


def _add_routes(app: FastAPI, table: ValueTable) -> None:
    """Add the endpoints. They are plain functions, because they block: FastAPI runs those in worker threads."""

    @app.get("/healthz", responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE))
    def health() -> dict[str, str]:
        """Report whether the service runs and MySQL responds."""
        table.ping()
        return {"status": "ok", "mysql": "ok"}

    rejections = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)

    @app.post("/values", status_code=HTTPStatus.CREATED, responses=rejections)
    def store(body: NewValue) -> StoredValue:
        """Store a value under the next id."""
        stored = table.insert(body.value, current_operation_id())
        logger.info("stored value %s (length %s)", stored.id, len(stored.value))
        return stored

    @app.get("/values", responses=rejections)
    def newest(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> list[StoredValue]:
        """List the latest values, newest first."""
        return table.newest(limit)


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = StorageSettings()
    serve(create_app(settings=settings), settings.host, settings.port)
