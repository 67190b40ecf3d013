"""Retries of the transport against a real endpoint, with a clock that the test advances."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from support.ingestion_server import ACCEPTED, FakeResponse, Ingestion, free_port, ingestion_server
from telemetry._internal.connection_string import LOCAL_INSTRUMENTATION_KEY, Connection
from telemetry._internal.export import storage
from telemetry._internal.export.drop_reporter import DropReporter
from telemetry._internal.export.storage import Storage
from telemetry._internal.export.transport import Endpoint, ExportOptions, Transport, retry_after_s
from telemetry.testing import SteppingClock

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
Make = Callable[..., Transport]


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(BEGIN, step_s=0.0)


@pytest.fixture
def server() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


@pytest.fixture
def make(tmp_path: Path, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def transport_to(port: int, host: str = "127.0.0.1") -> Transport:
        """Return a transport to the server on this machine; with `host`, one that treats it as a remote host."""
        url = f"http://127.0.0.1:{port}"
        connection = Connection(LOCAL_INSTRUMENTATION_KEY, f"http://{host}:{port}")
        storage = Storage(tmp_path / "role", clock)
        return Transport(ExportOptions(connection, Endpoint(url), storage, 1.0, 0.5, clock=clock), DropReporter(clock))

    clock.advance(1)
    return transport_to


def batch(name: str) -> list[dict[str, Any]]:
    return [{"data": {"baseData": {"name": f"{name} {number}"}}} for number in range(3)]


def always() -> bool:
    return True


def test_endpoint_receives_everything_in_order_after_an_outage_of_three_minutes(
    make: Make, clock: SteppingClock
) -> None:
    port = free_port()
    transport = make(port)
    for minute in range(3):
        for second in range(0, 60, 20):
            transport.send_or_store(batch(f"{minute}:{second:02d}"))
            transport.send_stored(always)
            clock.advance(20)
    with ingestion_server(port) as server:
        transport.send_or_store(batch("back"))
        transport.send_stored(always)
    expected = [f"{m}:{s:02d} {n}" for m in range(3) for s in range(0, 60, 20) for n in range(3)]
    assert server.names == ["back 0", "back 1", "back 2", *expected]
    assert list(transport._options.storage.gets()) == []


@pytest.mark.parametrize(("host", "smaller_by"), [("127.0.0.1", 1), ("telemetry.example", 10)])
def test_envelopes_are_compressed_except_for_the_loopback_interface(
    make: Make, server: Ingestion, host: str, smaller_by: int
) -> None:
    envelopes = [envelope for number in range(50) for envelope in batch(f"one {number}")]
    make(server.port, host).send_or_store(envelopes)
    assert server.envelopes == envelopes
    assert server.bytes_received <= len(json.dumps(envelopes)) / smaller_by


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 504])
def test_nothing_is_sent_until_retry_after_has_passed(
    make: Make, clock: SteppingClock, server: Ingestion, status: int
) -> None:
    responses: Iterator[FakeResponse] = iter([(status, {"Retry-After": "30"}, b"")])
    server.respond = lambda _envelopes: next(responses, ACCEPTED)
    transport = make(server.port)
    transport.send_or_store(batch("first"))
    clock.advance(29)
    transport.send_or_store(batch("second"))
    transport.send_stored(always)
    assert len(server.paths) == 1
    clock.advance(1)
    transport.send_stored(always)
    assert server.names == ["first 0", "first 1", "first 2", "second 0", "second 1", "second 2"]


def test_pause_is_as_long_as_the_failed_request(make: Make, clock: SteppingClock, server: Ingestion) -> None:
    def fail_slowly(_envelopes: object) -> FakeResponse:
        clock.advance(9)
        return 503, {}, b""

    server.respond = fail_slowly
    transport = make(server.port)
    transport.send_or_store(batch("first"))
    clock.advance(8)
    transport.send_stored(always)
    assert len(server.paths) == 1
    clock.advance(1)
    transport.send_stored(always)
    assert len(server.paths) == 2


def test_stored_files_do_not_delay_the_next_batch(make: Make, clock: SteppingClock, server: Ingestion) -> None:
    transport = make(server.port)
    for name in ("one", "two", "three"):
        transport.store(batch(name))
        clock.advance(0.001)
    should_continue = iter([True, True, False])
    transport.send_stored(lambda: next(should_continue))
    assert server.names == [f"{name} {number}" for name in ("one", "two") for number in range(3)]


def test_items_dropped_during_an_outage_are_all_logged_when_it_ends(
    make: Make,
    clock: SteppingClock,
    server: Ingestion,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = len("".join(json.dumps(envelope) + "\n" for envelope in batch("first 0")))
    monkeypatch.setattr(storage, "_MAX_BYTES", 2 * size)
    server.respond = lambda _envelopes: (503, {}, b"")
    transport = make(server.port)
    for number in range(8):
        transport.send_or_store(batch(f"first {number}"))
        clock.advance(1)
    server.respond = lambda _envelopes: ACCEPTED
    transport.send_or_store(batch("after the outage"))

    dropped = [int(record.message.split()[1]) for record in caplog.records if "Dropped" in record.message]
    assert dropped == [3, 15]


def test_dropped_items_are_counted_and_logged_once_a_minute(
    make: Make, clock: SteppingClock, server: Ingestion, caplog: pytest.LogCaptureFixture
) -> None:
    server.respond = lambda _envelopes: (400, {}, b"")
    transport = make(server.port)
    for _second in range(100):
        transport.send_or_store(batch("rejected"))
        clock.advance(1)
    transport._drop_reporter.flush()
    dropped = [int(record.message.split()[1]) for record in caplog.records if "Dropped" in record.message]
    assert dropped == [3, 180, 117]


@pytest.mark.parametrize(
    ("header", "expected_s"),
    [
        ("120", 120.0),
        ("86400", 3600.0),
        (format_datetime(BEGIN + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(BEGIN - timedelta(seconds=90), usegmt=True), 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("1e9", 0.0),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(header: str, expected_s: float) -> None:
    assert retry_after_s(header, SteppingClock(BEGIN, step_s=0.0)) == expected_s
