"""The storage service: keeps values in MySQL and lists the latest."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Query
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from service.body_limit import BodyLimitMiddleware
from service.console_logs import ConsoleLogSettings, log_to_console
from service.problems import ServiceProblem, install_problem_handlers, problem_responses, respond_with_problem
from storage.database import Database, DatabaseUnavailableError
from storage.settings import MySQLSettings, StorageSettings
from storage.value_table import StoredValue, ValueTable
from telemetry import Telemetry, TelemetrySettings, current_operation_id
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.mysql import traced_pool

GRACE_S = 5
"""How long running answers may take once the service is told to stop; then its telemetry is delivered."""
MAX_BODY_BYTES = 256 * 1024
"""1,000 characters take at most 12 kB of JSON; what is longer, up to here, still gets a validation message."""

logger = logging.getLogger(__name__)


class NewValue(BaseModel):
    """A value to keep."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def create_app(
    mysql: MySQLSettings | None = None, telemetry: Telemetry | None = None, database: Database | None = None
) -> FastAPI:
    """Build the service.

    Args:
        mysql: Where the values are kept; by default what the environment says.
        telemetry: Where its spans and logs go; by default what the environment says (`TelemetrySettings`).
        database: Takes the place of MySQL in tests.
    """
    mysql = mysql or MySQLSettings()
    telemetry = telemetry or Telemetry(TelemetrySettings(role="storage"))
    table = ValueTable(database or mysql_database(mysql, telemetry))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            with telemetry.span("start"):
                await asyncio.to_thread(table.create)
        except DatabaseUnavailableError as error:
            logger.warning("starting without MySQL at %s (%s); the table is made when it answers", mysql.address, error)
        yield

    app = FastAPI(title="storage", summary="Keeps values in MySQL.", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimitMiddleware, max_body_bytes=MAX_BODY_BYTES)
    install_problem_handlers(app)

    @app.exception_handler(DatabaseUnavailableError)
    def database_unavailable(request: Request, error: DatabaseUnavailableError) -> Response:
        detail = f"MySQL at {mysql.address} cannot be used now: {error}. Try again in a moment."
        return respond_with_problem(
            request,
            ServiceProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, service="MySQL", headers={"Retry-After": "1"}),
        )

    _add_routes(app, table)
    telemetry.capture_logs("storage", level=logging.INFO)
    trace_app(app, telemetry, excluded_paths=("/healthz",))
    return app


def _add_routes(app: FastAPI, table: ValueTable) -> None:
    """The endpoints are plain functions: FastAPI runs them in threads, where they may wait for MySQL."""

    @app.get("/healthz", responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE))
    def health() -> dict[str, str]:
        """Say whether the service runs and MySQL answers it."""
        table.ping()
        return {"status": "ok", "mysql": "ok"}

    @app.post(
        "/values",
        status_code=HTTPStatus.CREATED,
        responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def store(body: NewValue) -> StoredValue:
        """Keep a value under the next number."""
        stored = table.insert(body.value, current_operation_id())
        logger.info("stored value %s (length %s)", stored.id, len(stored.value))
        return stored

    @app.get(
        "/values",
        responses=problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def newest(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> list[StoredValue]:
        """List the latest values, newest first."""
        return table.newest(limit)


def mysql_database(mysql: MySQLSettings, telemetry: Telemetry) -> Database:
    """The database that the settings name; nothing is connected yet."""
    open_pool = partial(
        traced_pool,
        telemetry,
        host=mysql.host,
        port=mysql.port,
        user=mysql.user,
        password=mysql.password.get_secret_value(),
        database=mysql.database,
        pool_name="storage",
        pool_size=mysql.pool_size,
        # Every statement is a transaction of its own, so a connection comes back with no state worth three statements.
        autocommit=True,
        pool_reset_session=False,
        connection_timeout=mysql.timeout_s,
        read_timeout=mysql.timeout_s,
        write_timeout=mysql.timeout_s,
    )
    return Database(open_pool, mysql.pool_size)


def warn_of_exposure(settings: StorageSettings, mysql: MySQLSettings) -> None:
    """Say loudly when other machines can reach what the password for development protects."""
    if settings.is_exposed and mysql.has_development_password:
        logger.warning(
            "STORAGE CAN BE REACHED FROM OTHER MACHINES (%s) AND MYSQL HAS THE PASSWORD FOR DEVELOPMENT, which is "
            "public: set MYSQL_PASSWORD, and remove the database's volume, which keeps the old one",
            settings.published_on or settings.host,
        )


def main() -> None:
    """Serve until told to stop by SIGTERM or Ctrl-C."""
    settings = StorageSettings()
    mysql = MySQLSettings()
    log_to_console(ConsoleLogSettings())
    warn_of_exposure(settings, mysql)
    uvicorn.run(
        create_app(mysql),
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="info",
        timeout_graceful_shutdown=GRACE_S,
    )
