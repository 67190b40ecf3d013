"""Log lines on the console: their formats, their operation ids, and the lines that are left out."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Literal

import pytest

from service.console_logs import ConsoleLogSettings, JsonLines, TextLines, log_to_console
from support.recorded_telemetry import Recorded
from telemetry import current_ids


def record(message: str = "value %s", *arguments: object, name: str = "shop") -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments or (17,), None)


@pytest.fixture
def root_handlers() -> Iterator[None]:
    """Remove pytest's own handlers during a test."""
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers.clear()
    yield
    root.handlers[:] = before


def test_text_line_has_the_operation_id(recorded: Recorded) -> None:
    with recorded.telemetry.span("order"):
        line = TextLines(current_ids).format(record())

    assert line == f"WARNING shop [{recorded.spans.spans[0].context.trace_id}]: value 17"


def test_text_line_outside_an_operation_has_no_brackets() -> None:
    assert TextLines(current_ids).format(record()) == "WARNING shop: value 17"


def test_json_line_has_operation_and_span_id(recorded: Recorded) -> None:
    with recorded.telemetry.span("order"):
        line = json.loads(JsonLines(current_ids).format(record("größer als %s", 4)))

    span = recorded.spans.spans[0]
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "shop",
        "message": "größer als 4",
        "operation_id": span.context.trace_id,
        "span_id": span.span_id,
    }


def test_json_line_contains_the_exception() -> None:
    try:
        raise ValueError("two\nlines")  # noqa: EM101, TRY003, TRY301
    except ValueError:
        failed = record()
        failed.exc_info = sys.exc_info()

    line = JsonLines(current_ids).format(failed)

    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("ValueError: two\nlines")
    assert "operation_id" not in json.loads(line)


@pytest.mark.usefixtures("root_handlers")
@pytest.mark.parametrize(
    ("path", "status", "printed"), [("/healthz", 200, False), ("/healthz", 503, True), ("/values", 200, True)]
)
def test_successful_health_checks_are_not_printed(
    capsys: pytest.CaptureFixture[str],
    path: str,
    status: int,
    printed: bool,  # noqa: FBT001 - a column
) -> None:
    log_to_console(ConsoleLogSettings(log_format="json"), current_ids)
    access = logging.getLogger("uvicorn.access")

    access.warning('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", path, "1.1", status)

    assert (path in capsys.readouterr().err) == printed


@pytest.mark.usefixtures("root_handlers")
@pytest.mark.parametrize("log_format", ["json", "text"])
def test_query_strings_are_not_printed(capsys: pytest.CaptureFixture[str], log_format: Literal["json", "text"]) -> None:
    log_to_console(ConsoleLogSettings(log_format=log_format), current_ids)
    request, session = "/values?limit=3&token=SECRET", "/socket?token=SECRET"

    logging.getLogger("uvicorn.access").warning('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", request, "1.1", 200)
    logging.getLogger("uvicorn.error").warning('%s - "WebSocket %s" [accepted]', ("127.0.0.1", 1), session)

    printed = capsys.readouterr().err
    assert "/values HTTP/1.1" in printed
    assert "WebSocket /socket" in printed
    assert "SECRET" not in printed
