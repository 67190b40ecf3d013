"""Log lines on the console, each with the id of its operation."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

CurrentIds = Callable[[], Mapping[str, str]]
"""Returns `operation_id` and `span_id` of the code that is running; each is missing where there is none."""

_HEALTH_CHECK = "/healthz"
_OK = 200
_UVICORN_LOGGERS = ("uvicorn.access", "uvicorn.error")  # the latter logs WebSocket sessions
_ACCESS_ARGUMENTS = 5  # uvicorn's client, method, path, HTTP version, status


class ConsoleLogSettings(BaseSettings):
    """The format of log lines, from the environment."""

    model_config = SettingsConfigDict(env_prefix="TELEMETRY_", frozen=True, extra="ignore")

    log_format: Literal["text", "json"] = "text"
    """`text` for people, or `json`: one JSON object a line for log collectors (`TELEMETRY_LOG_FORMAT`)."""


def log_to_console(settings: ConsoleLogSettings, current_ids: CurrentIds) -> None:
    """Print the warnings of all loggers; a logger with a level of its own prints what that level allows.

    Run uvicorn with `log_config=None` to get its lines in the same format. Its lines contain paths without query
    strings, which may contain secrets; successful health checks are removed.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(current_ids) if settings.log_format == "json" else TextLines(current_ids))
    logging.basicConfig(handlers=[handler], force=True)
    for name in _UVICORN_LOGGERS:
        logger = logging.getLogger(name)
        logger.removeFilter(_sanitize)
        logger.addFilter(_sanitize)


class TextLines(logging.Formatter):
    """Level, logger, operation id in brackets if there is one, and message."""

    def __init__(self, current_ids: CurrentIds) -> None:
        super().__init__()
        self._current_ids = current_ids

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line without its traceback."""
        operation_id = self._current_ids().get("operation_id")
        operation = f" [{operation_id}]" if operation_id else ""
        return f"{record.levelname} {record.name}{operation}: {record.message}"


class JsonLines(logging.Formatter):
    """One JSON object a line.

    Members: `time` (UTC), `level`, `logger` and `message`; if present `operation_id`, `span_id` and `exception`.
    """

    def __init__(self, current_ids: CurrentIds) -> None:
        super().__init__()
        self._current_ids = current_ids

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._current_ids(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _sanitize(record: logging.LogRecord) -> bool:
    """Remove query strings from the arguments of uvicorn's log lines, for all handlers.

    Return False for the access log line of a successful health check: there is one every few seconds.
    """
    if isinstance(record.args, tuple):
        record.args = tuple(part.partition("?")[0] if isinstance(part, str) else part for part in record.args)
    arguments = record.args
    if not isinstance(arguments, tuple) or len(arguments) != _ACCESS_ARGUMENTS:
        return True
    return arguments[2] != _HEALTH_CHECK or arguments[4] != _OK
