"""The span exporter against a real HTTP endpoint."""

import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.ingestion_server import ACCEPTED, FakeResponse, Ingestion, free_port, ingestion_server
from support.polling import eventually
from telemetry import Telemetry, TelemetrySettings


@pytest.fixture
def server() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


@pytest.fixture
def unused_port() -> int:
    return free_port()


def connection_string(port: int) -> str:
    return f"InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=http://127.0.0.1:{port}/;"


def telemetry(port: int, storage_dir: Path, **settings: Any) -> Telemetry:  # noqa: ANN401
    defaults: dict[str, Any] = {
        "role": "tested",
        "export_interval_s": 0.05,
        "retry_interval_s": 0.1,
        "role_instance": "one",
    }
    return Telemetry(
        TelemetrySettings(connection_string=connection_string(port), storage_dir=storage_dir, **(defaults | settings))
    )


def make_spans(traced: Telemetry, count: int, name: str = "span") -> list[str]:
    names = [f"{name} {number}" for number in range(count)]
    for each in names:
        with traced.span(each):
            pass
    return names


def test_envelope_carries_the_role(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 1)
    (envelope,) = server.envelopes
    assert server.paths == ["/v2.1/track"]
    assert envelope["tags"]["ai.cloud.role"] == "tested"
    assert envelope["tags"]["ai.cloud.roleInstance"] == "one"
    assert envelope["iKey"] == "11111111-2222-3333-4444-555555555555"
    assert envelope["sampleRate"] == 100


def test_sampled_envelope_has_the_sampling_rate(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path, sampling_rate=0.5) as traced:
        make_spans(traced, 100)
    assert 10 < len(server.envelopes) < 90
    assert {envelope["sampleRate"] for envelope in server.envelopes} == {50.0}


def test_span_arrives_within_the_export_interval(server: Ingestion, tmp_path: Path) -> None:
    traced = telemetry(server.port, tmp_path, export_interval_s=0.5)
    with traced:
        make_spans(traced, 1)
        eventually(lambda: server.envelopes, within_s=1.0)


def test_close_sends_everything(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path, export_interval_s=60.0) as traced:
        names = make_spans(traced, 1000)
    assert server.names == names


def test_connection_is_reused(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 5000)
    assert len(server.posts) >= 10
    assert server.connections <= 2  # one for spans, one for logs


def test_span_that_cannot_be_converted_does_not_affect_others(server: Ingestion, tmp_path: Path) -> None:
    with telemetry(server.port, tmp_path, export_interval_s=60.0) as traced:
        make_spans(traced, 2, "before")
        with traced.span("not convertible") as span:
            span.start_time = "not a time"
        make_spans(traced, 2, "after")
    assert server.names == ["before 0", "before 1", "after 0", "after 1"]


def test_span_with_an_unreadable_attribute_is_exported(server: Ingestion, tmp_path: Path) -> None:
    class Unreadable:
        def __str__(self) -> str:
            message = "unreadable"
            raise RuntimeError(message)

    with telemetry(server.port, tmp_path, export_interval_s=60.0) as traced, traced.span("exported") as span:
        span.add_attribute("key", Unreadable())
    assert server.names == ["exported"]


def test_span_recorded_while_the_endpoint_is_down_arrives_after_a_retry(unused_port: int, tmp_path: Path) -> None:
    with telemetry(unused_port, tmp_path, export_interval_s=0.5, retry_interval_s=1.0) as traced:
        names = make_spans(traced, 3)
        eventually(lambda: list(tmp_path.glob("*/*.blob")))
        with ingestion_server(unused_port) as server:
            eventually(lambda: server.names == names, within_s=2.0)


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 504])
def test_span_is_sent_again_after_a_retryable_status(server: Ingestion, tmp_path: Path, status: int) -> None:
    responses: Iterator[FakeResponse] = iter([(status, {}, b""), (status, {}, b"")])
    server.respond = lambda _envelopes: next(responses, ACCEPTED)
    with telemetry(server.port, tmp_path) as traced:
        names = make_spans(traced, 3)
        eventually(lambda: server.names == names)
    assert list(tmp_path.glob("*/*")) == []


@pytest.mark.parametrize("status", [400, 402, 404, 439])
def test_span_is_dropped_after_a_permanent_rejection(
    server: Ingestion, tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.respond = lambda _envelopes: (status, {}, b"")
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 3)
    assert len(server.paths) == 1
    assert f"Dropped 3 telemetry items: HTTP {status}" in caplog.text


def test_retry_after_is_respected(server: Ingestion, tmp_path: Path) -> None:
    requested_at: list[float] = []

    def respond_after_retry(_envelopes: object) -> FakeResponse:
        requested_at.append(time.monotonic())
        return ACCEPTED if len(requested_at) > 1 else (503, {"Retry-After": "1"}, b"")

    server.respond = respond_after_retry
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 1)
        eventually(lambda: server.posts)
    assert requested_at[1] - requested_at[0] >= 1.0


def test_only_the_retryable_items_of_a_partly_accepted_batch_are_sent_again(server: Ingestion, tmp_path: Path) -> None:
    body = (
        b'{"errors": [{"index": 0, "statusCode": 400, "message": ""}, {"index": 2, "statusCode": 503, "message": ""}]}'
    )
    responses: Iterator[FakeResponse] = iter([(206, {}, body)])
    server.respond = lambda _envelopes: next(responses, ACCEPTED)
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 3)
        eventually(lambda: len(server.posts) == 2)
    assert server.names == ["span 0", "span 1", "span 2", "span 2"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"errors": [{"index": 99, "statusCode": 503}]}', b'{"errors": 1}'])
def test_invalid_partial_response_does_not_stop_the_exporter(server: Ingestion, tmp_path: Path, body: bytes) -> None:
    responses: Iterator[FakeResponse] = iter([(206, {}, body)])
    server.respond = lambda _envelopes: next(responses, ACCEPTED)
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 1, "first")
        eventually(lambda: server.posts)
        make_spans(traced, 1, "second")
    assert server.names[-1] == "second 0"


def test_redirect_is_followed_and_stored(server: Ingestion, tmp_path: Path) -> None:
    with ingestion_server() as other:
        server.respond = lambda _envelopes: (307, {"Location": f"{other.url}/v2.1/track"}, b"")
        with telemetry(server.port, tmp_path) as traced:
            make_spans(traced, 1, "first")
            eventually(lambda: other.posts)
            make_spans(traced, 1, "second")
        assert other.names == ["first 0", "second 0"]
    assert len(server.paths) == 1


def test_unsent_spans_are_sent_after_the_next_start(unused_port: int, tmp_path: Path) -> None:
    with telemetry(unused_port, tmp_path) as traced:
        names = make_spans(traced, 300)
    with ingestion_server(unused_port) as server, telemetry(unused_port, tmp_path):
        eventually(lambda: sorted(server.names) == sorted(names))


def test_close_respects_its_timeout_and_loses_nothing(server: Ingestion, tmp_path: Path) -> None:
    def hang(_envelopes: object) -> FakeResponse:
        time.sleep(1.5)
        return 503, {}, b""

    server.respond = hang
    traced = telemetry(server.port, tmp_path)
    traced.start()
    names = make_spans(traced, 5, "in flight")
    time.sleep(0.2)
    names += make_spans(traced, 5, "queued")
    began = time.monotonic()
    traced.close(timeout_s=0.5)
    assert time.monotonic() - began < 1.0
    server.respond = Ingestion.respond
    with telemetry(server.port, tmp_path):
        eventually(lambda: sorted(server.names) == sorted(names))


def test_slow_endpoint_does_not_block_the_application(server: Ingestion, tmp_path: Path) -> None:
    is_waiting, may_respond = threading.Event(), threading.Event()

    def respond_slowly(_envelopes: object) -> FakeResponse:
        is_waiting.set()
        assert may_respond.wait(30)
        return ACCEPTED

    server.respond = respond_slowly
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 1)
        assert is_waiting.wait(5)
        names = make_spans(traced, 1000, "while waiting")
        assert server.names == []
        may_respond.set()
        eventually(lambda: set(names) <= set(server.names))


def test_starting_does_not_wait_for_the_network(tmp_path: Path) -> None:
    began = time.monotonic()
    traced = telemetry(9, tmp_path)
    traced.start()
    assert time.monotonic() - began < 0.5
    traced.close()


def test_only_the_endpoint_is_connected_to(server: Ingestion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    really_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        called.append(address)
        really_connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with telemetry(server.port, tmp_path) as traced:
        make_spans(traced, 1)
    assert set(called) == {("127.0.0.1", server.port)}
    assert len(server.envelopes) == 1


def test_each_role_has_its_own_private_folder(unused_port: int, tmp_path: Path) -> None:
    for role in ("one", "../two"):
        with telemetry(unused_port, tmp_path / "new", role=role) as traced:
            make_spans(traced, 1)
    folders = list((tmp_path / "new").iterdir())
    assert sorted(folder.name[:-9] for folder in folders) == ["role-.._two", "role-one"]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in [*folders, tmp_path / "new"]} == {0o700}


def test_telemetry_can_be_started_again(server: Ingestion, tmp_path: Path) -> None:
    traced = telemetry(server.port, tmp_path)
    for number in range(2):
        with traced:
            make_spans(traced, 1, f"life {number}")
        traced.close()
    assert server.names == ["life 0 0", "life 1 0"]
