import logging
import pickle
from typing import Any

import pytest
from opencensus.trace import execution_context

from support.recorded_telemetry import Recorded
from telemetry import Telemetry, TelemetrySettings
from telemetry.testing import EnvelopeRecorder, RecordedTelemetry, SpanRecorder


@pytest.fixture
def logger() -> logging.Logger:
    logger = logging.getLogger("tested.logs")
    logger.setLevel(logging.DEBUG)
    return logger


def test_record_belongs_to_the_current_span(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    with recorded.telemetry.span("request") as request:
        logger.warning("inside")
    logger.warning("outside")
    inside, outside = recorded.logs.envelopes
    assert inside["tags"]["ai.operation.parentId"] == request.span_id
    assert inside["tags"]["ai.operation.id"] == recorded.spans.spans[0].context.trace_id
    assert "ai.operation.id" not in outside["tags"]
    assert inside["tags"]["ai.cloud.role"] == "tested"


def test_record_is_formatted_when_it_is_logged(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    values = [1]
    logger.info("values: %s", values)
    values.append(2)
    assert recorded.messages == ["values: [1]"]


@pytest.mark.parametrize(
    ("level", "severity"),
    [(logging.DEBUG, 0), (logging.INFO, 1), (logging.WARNING, 2), (logging.ERROR, 3), (logging.CRITICAL, 4), (70, 4)],
)
def test_level_becomes_the_severity(recorded: Recorded, logger: logging.Logger, level: int, severity: int) -> None:
    recorded.telemetry.capture_logs("tested")
    logger.log(level, "x")
    assert recorded.logs.envelopes[0]["data"]["baseData"]["severityLevel"] == severity


def test_exception_is_exported_with_its_cause(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    try:
        try:
            int("four")
        except ValueError as error:
            message = "not a number"
            raise LookupError(message) from error
    except LookupError:
        logger.exception("lookup failed")
    data = recorded.logs.envelopes[0]["data"]
    outer, inner = data["baseData"]["exceptions"]
    assert data["baseType"] == "ExceptionData"
    assert (outer["typeName"], outer["outerId"], inner["typeName"], inner["outerId"]) == (
        "LookupError",
        0,
        "ValueError",
        1,
    )
    assert outer["parsedStack"][0]["method"] == "test_exception_is_exported_with_its_cause"
    assert data["baseData"]["properties"]["message"] == "lookup failed"


def test_level_is_set_on_the_captured_loggers_only_when_it_is_passed(recorded: Recorded) -> None:
    captured, quiet = logging.getLogger("tested.level"), logging.getLogger("tested.quiet")
    recorded.telemetry.capture_logs("tested.quiet")
    recorded.telemetry.capture_logs("tested.level", level=logging.INFO)
    captured.info("exported")
    quiet.info("below the level of the root logger")
    assert (captured.level, quiet.level) == (logging.INFO, logging.NOTSET)
    assert recorded.messages == ["exported"]


def test_custom_dimensions_become_properties(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    logger.info("x", extra={"custom_dimensions": {"value_id": 17}})
    properties = recorded.logs.envelopes[0]["data"]["baseData"]["properties"]
    assert (properties["value_id"], properties["logger"]) == ("17", "tested.logs")


@pytest.mark.parametrize(
    "name", ["opencensus.ext", "urllib3.connectionpool", "requests", "telemetry._internal.export.transport"]
)
def test_records_of_exporting_libraries_are_not_captured(recorded: Recorded, name: str) -> None:
    recorded.telemetry.capture_logs(name)
    logging.getLogger(name).error("delivery failed")
    assert recorded.logs.envelopes == []


def test_records_of_the_exporting_thread_are_not_captured(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    execution_context.set_is_exporter(True)
    logger.error("while delivering")
    execution_context.set_is_exporter(False)
    assert recorded.logs.envelopes == []


@pytest.mark.parametrize("name", ["", "root"])
def test_root_logger_cannot_be_captured(recorded: Recorded, name: str) -> None:
    with pytest.raises(ValueError, match="root logger cannot be captured"):
        recorded.telemetry.capture_logs(name)


def test_child_of_a_captured_logger_is_captured_once(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested.logs", "tested", "tested.logs")
    logger.info("once")
    assert recorded.messages == ["once"]


def test_other_handlers_receive_the_record(
    recorded: Recorded, logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.telemetry.capture_logs("tested")
    logger.info("message")
    assert caplog.messages == recorded.messages == ["message"]


def test_loggers_captured_before_the_start_are_exported_after_it(logger: logging.Logger) -> None:
    recorder = EnvelopeRecorder()
    telemetry = Telemetry(TelemetrySettings(role="r"), span_exporter=SpanRecorder(), log_exporter=recorder)
    telemetry.capture_logs("tested.logs")
    logger.info("before")
    with telemetry:
        logger.info("between")
    logger.info("after")
    assert [envelope["data"]["baseData"]["message"] for envelope in recorder.envelopes] == ["between"]


def test_record_of_an_unsampled_operation_is_not_exported(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    with recorded.telemetry.operation():
        recorded.telemetry.untraced()
        logger.info("unsampled")
    assert recorded.messages == []


def test_record_whose_arguments_do_not_match_is_sent_with_its_arguments(
    recorded: Recorded, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.telemetry.capture_logs("tested.logs")
    monkeypatch.setattr(logger, "propagate", False)
    logger.info("%d", "four")
    assert recorded.messages == ["%d ('four',)"]


@pytest.mark.parametrize("exc_info", [True, 1, (None, None, None), ()])
def test_handmade_record_without_exception_is_a_message(
    recorded: Recorded,
    logger: logging.Logger,
    monkeypatch: pytest.MonkeyPatch,
    exc_info: Any,  # noqa: ANN401, as the application passes it
) -> None:
    recorded.telemetry.capture_logs("tested.logs")
    monkeypatch.setattr(logger, "propagate", False)
    logger.handle(logger.makeRecord("tested.logs", logging.WARNING, "f", 1, "by hand", (), exc_info))
    assert recorded.messages == ["by hand"]


def test_handmade_record_with_exception_instance_is_an_exception(
    recorded: Recorded, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.telemetry.capture_logs("tested.logs")
    monkeypatch.setattr(logger, "propagate", False)
    exc_info: Any = LookupError("by hand")
    logger.handle(logger.makeRecord("tested.logs", logging.WARNING, "f", 1, "m", (), exc_info))
    assert recorded.logs.items("ExceptionData")[0]["exceptions"][0]["message"] == "by hand"


def test_capturing_does_not_change_the_record(recorded: Recorded, logger: logging.Logger) -> None:
    seen: list[set[str]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(set(vars(record)))
            pickle.dumps(vars(record))

    handler = Handler()
    logger.addHandler(handler)
    try:
        logger.warning("untraced")
        logger.removeHandler(handler)
        recorded.telemetry.capture_logs("tested", "tested.logs")
        logger.addHandler(handler)  # after the handler of the telemetry
        logger.warning("traced")
    finally:
        logger.removeHandler(handler)
    assert seen[0] == seen[1]
    assert recorded.messages == ["traced"]


def test_extra_fields_become_properties(recorded: Recorded, logger: logging.Logger) -> None:
    recorded.telemetry.capture_logs("tested")
    logger.info("x", extra={"order_id": 17, "custom_dimensions": {"customer": {"id": "c"}}, "secret": None})
    properties = recorded.logs.items("MessageData")[0]["properties"]
    known = {"process", "module", "fileName", "lineNumber", "level", "logger"}
    assert {name: properties[name] for name in properties.keys() - known} == {
        "order_id": "17",
        "customer": '{"id": "c"}',
        "secret": "None",
    }


def test_record_has_the_sampling_rate_of_its_trace_and_100_percent_outside_one(
    logger: logging.Logger,
) -> None:
    with RecordedTelemetry("tested", sampling_rate=0.5) as recorded:
        recorded.telemetry.capture_logs("tested.logs")
        for _ in range(50):
            with recorded.telemetry.span("work"):
                logger.info("inside")
        logger.info("outside")
    rates = {(item["data"]["baseData"]["message"], item["sampleRate"]) for item in recorded.logs.envelopes}
    assert rates == {("inside", 50.0), ("outside", 100.0)}
    assert len(recorded.logs.envelopes) == len(recorded.spans.spans) + 1


def test_exception_is_exported_by_every_telemetry_that_captures_its_logger(
    recorded: Recorded, logger: logging.Logger
) -> None:
    with RecordedTelemetry("other") as other:
        for each in (recorded, other):
            each.telemetry.capture_logs("tested.logs")
        with recorded.telemetry.span("work"):
            logger.error("failed", exc_info=ValueError("x"))
    assert [len(each.logs.items("ExceptionData")) for each in (recorded, other)] == [1, 1]
