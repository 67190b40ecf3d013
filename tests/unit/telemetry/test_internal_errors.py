import logging

import pytest

from support.recorded_telemetry import Recorded
from telemetry import Telemetry, TelemetrySettings
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry.testing import EnvelopeRecorder


class FailingExporter:
    """An exporter that raises."""

    def export(self, _span_datas: object) -> None:
        message = "exporter failed"
        raise RuntimeError(message)


def work() -> str:
    telemetry = Telemetry(TelemetrySettings(role="r"), span_exporter=FailingExporter(), log_exporter=EnvelopeRecorder())
    with telemetry, telemetry.span("work"):
        return "done"


def test_failing_telemetry_does_not_affect_the_application(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    assert work() == "done"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "exporting a span" in caplog.text


def test_failing_telemetry_raises_in_a_test() -> None:
    with pytest.raises(RuntimeError, match="exporter failed"):
        work()


def test_exception_of_the_application_is_raised(recorded: Recorded) -> None:
    with pytest.raises(ZeroDivisionError), handle_internal_errors("nothing"), recorded.telemetry.span("division"):
        raise ZeroDivisionError
