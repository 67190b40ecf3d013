"""The log handler with its exporter against a real HTTP endpoint."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.ingestion_server import Ingestion, free_port, ingestion_server
from support.polling import eventually
from telemetry import Telemetry, TelemetrySettings
from telemetry._internal.export.batch_queue import BatchQueue
from telemetry._internal.log_handler import LogHandler

logger = logging.getLogger("tested.contract")
logger.setLevel(logging.INFO)


@pytest.fixture
def server() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


def telemetry(port: int, storage_dir: Path, export_interval_s: float = 0.05) -> Telemetry:
    traced = Telemetry(
        TelemetrySettings(
            role="tested",
            connection_string=f"InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://127.0.0.1:{port}",
            storage_dir=storage_dir,
            export_interval_s=export_interval_s,
            retry_interval_s=0.1,
        )
    )
    traced.capture_logs("tested.contract")
    return traced


def test_record_arrives_in_its_operation(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path) as traced, traced.span("work") as span:
        logger.info("value %s", 4)
    message = next(envelope for envelope in server.envelopes if envelope["data"]["baseType"] == "MessageData")
    assert message["data"]["baseData"]["message"] == "value 4"
    assert message["tags"]["ai.operation.parentId"] == span.span_id
    assert message["tags"]["ai.cloud.role"] == "tested"


def test_close_sends_everything(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path):
        for number in range(500):
            logger.info("%d", number)
    assert server.names == [str(number) for number in range(500)]


def test_record_logged_while_the_endpoint_is_down_arrives_after_a_retry(tmp_path: Path) -> None:
    port = free_port()
    with telemetry(port, tmp_path):
        logger.info("stored")
        eventually(lambda: list(tmp_path.glob("*/*.blob")))
        with ingestion_server(port) as server:
            eventually(lambda: server.names == ["stored"], within_s=2.0)


def test_rejected_batch_creates_no_further_records(server: Ingestion, tmp_path: Path) -> None:
    server.respond = lambda _envelopes: (400, {}, b"")
    with telemetry(server.port, tmp_path) as traced:
        traced.capture_logs("telemetry", "urllib3", "requests", "opencensus")
        logger.info("once")
        eventually(lambda: server.paths)
    assert len(server.paths) == 1


def test_full_queue_is_reported_once_and_does_not_recurse(
    server: Ingestion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    really_init = BatchQueue.__init__
    monkeypatch.setattr(BatchQueue, "__init__", lambda queue, _capacity: really_init(queue, 10))
    with telemetry(server.port, tmp_path):
        for number in range(1000):
            logger.info("%d", number)
    reports = [record for record in caplog.records if "the queue was full" in record.message]
    assert 1 <= len(reports) <= 2  # the first drop at once, the others at the close
    assert len(server.names) + sum(int(record.message.split()[1]) for record in reports) == 1000
    assert server.names[-1] == "999"


def test_handler_has_a_lock(tmp_path: Path) -> None:
    traced = telemetry(9, tmp_path)
    with traced:
        (handler,) = (handler for handler in logger.handlers if isinstance(handler, LogHandler))
        assert handler.lock is not None


def test_flush_sends_all_recorded_items(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path, export_interval_s=60.0) as traced:
        for number in range(30):
            logger.info("%d", number)
        assert traced.flush()
        assert server.names == [str(number) for number in range(30)]


def test_close_removes_the_log_handler(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path):
        assert logger.propagate
    assert logger.handlers == []
