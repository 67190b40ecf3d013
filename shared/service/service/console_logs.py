"""Log lines of a service on its console, each with the operation that it belongs to."""

import json
import logging
from datetime import UTC, datetime
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from telemetry import current_operation_id, current_span_id

_HEALTH_CHECK = "/healthz"
_OK = 200
_ACCESS_LOGGER = "uvicorn.access"
_ACCESS_ARGUMENTS = 5  # uvicorn's client, method, path, HTTP version, status


class ConsoleLogSettings(BaseSettings):
    """Read from the environment once, in `main`."""

    model_config = SettingsConfigDict(env_prefix="TELEMETRY_", frozen=True, extra="ignore")

    log_format: Literal["text", "json"] = "text"
    """Lines for people, or one JSON object a line for programs that collect logs (`TELEMETRY_LOG_FORMAT`)."""


def log_to_console(settings: ConsoleLogSettings) -> None:
    """Print warnings of all loggers, and of a logger with a level of its own what that level lets through.

    For uvicorn's lines to look the same, run it with `log_config=None`; successful health checks are left out of its
    access log.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(handlers=[handler], force=True)
    access = logging.getLogger(_ACCESS_LOGGER)
    access.removeFilter(_is_news)
    access.addFilter(_is_news)


class TextLines(logging.Formatter):
    """Level, logger, the operation in brackets if there is one, and the message."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Put a line together."""
        ids = _ids()
        operation = f" [{ids['operation_id']}]" if ids else ""
        return f"{record.levelname} {record.name}{operation}: {record.message}"


class JsonLines(logging.Formatter):
    """One JSON object a line.

    It has `time` (UTC), `level`, `logger` and `message`, and where there are any `operation_id`, `span_id` and
    `exception`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Put a line together."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _ids() -> dict[str, str]:
    """What the code that logs is at work for."""
    ids = {"operation_id": current_operation_id(), "span_id": current_span_id()}
    return {name: value for name, value in ids.items() if value}


def _is_news(record: logging.LogRecord) -> bool:
    """False for the line of a health check that went well: there is one every few seconds."""
    arguments = record.args
    if not isinstance(arguments, tuple) or len(arguments) != _ACCESS_ARGUMENTS:
        return True
    return arguments[2] != _HEALTH_CHECK or arguments[4] != _OK
