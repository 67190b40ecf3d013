"""Several destinations of the same telemetry, which do not affect each other."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.ingestion_server import ACCEPTED, KEY, FakeResponse, Ingestion, free_port, ingestion_server
from support.polling import eventually
from telemetry import Telemetry, TelemetrySettings

LOCAL_KEY = "00000000-0000-0000-0000-000000000000"
OTHER_KEY = KEY.replace("1", "9")


@pytest.fixture
def azure() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


@pytest.fixture
def local() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


def telemetry_to(destinations: list[str], storage_dir: Path, **settings: Any) -> Telemetry:  # noqa: ANN401
    defaults: dict[str, Any] = {"role": "tested", "export_interval_s": 0.05, "retry_interval_s": 0.1}
    first, *others = destinations
    return Telemetry(
        TelemetrySettings(
            connection_string=first, also_send_to=tuple(others), storage_dir=storage_dir, **(defaults | settings)
        )
    )


def make_spans(telemetry: Telemetry, *names: str) -> None:
    for name in names:
        with telemetry.span(name):
            pass


def test_destinations_receive_the_same_items_with_their_own_keys(
    azure: Ingestion, local: Ingestion, tmp_path: Path
) -> None:
    destinations = [azure.connection_string, "local"]
    with telemetry_to(destinations, tmp_path, insights_port=local.port) as telemetry:
        make_spans(telemetry, "one", "two")
        telemetry.event("happened")
        telemetry.metric("orders").record(1)
    for server, key in ((azure, KEY), (local, LOCAL_KEY)):
        assert sorted(server.names) == ["happened", "one", "two"]
        assert [metric["name"] for metric in server.metrics] == ["orders"]
        assert {envelope["iKey"] for envelope in server.envelopes} == {key}

    def without_keys(server: Ingestion) -> list[dict[str, Any]]:
        stripped = ({**envelope, "iKey": ""} for envelope in server.envelopes)
        return sorted(stripped, key=lambda envelope: str(envelope["data"]))

    assert without_keys(azure) == without_keys(local)


def test_unresponsive_destination_does_not_delay_others_and_loses_nothing(
    azure: Ingestion, local: Ingestion, tmp_path: Path
) -> None:
    released = threading.Event()

    def hang(_envelopes: object) -> FakeResponse:
        released.wait(20)
        return ACCEPTED

    azure.respond = hang
    with telemetry_to([azure.connection_string, "local"], tmp_path, insights_port=local.port) as telemetry:
        make_spans(telemetry, "first")
        eventually(lambda: local.names == ["first"])
        began = time.monotonic()
        make_spans(telemetry, *(f"span {number}" for number in range(1000)))
        assert time.monotonic() - began < 1.0
        eventually(lambda: len(local.names) == 1001)
        assert azure.names == []
        released.set()
    assert sorted(azure.names) == sorted(local.names)


def test_unavailable_destination_receives_everything_later_and_others_no_duplicates(
    local: Ingestion, tmp_path: Path
) -> None:
    port = free_port()
    away = f"InstrumentationKey={OTHER_KEY};IngestionEndpoint=http://127.0.0.1:{port}"
    with telemetry_to([away, "local"], tmp_path, insights_port=local.port) as telemetry:
        make_spans(telemetry, "one", "two")
        eventually(lambda: list(tmp_path.glob("*/*.blob")))
        with ingestion_server(port) as back:
            eventually(lambda: back.names == ["one", "two"])
            assert {envelope["iKey"] for envelope in back.envelopes} == {OTHER_KEY}
    assert local.names == ["one", "two"]
    assert {folder.name[: len("role-tested-")] for folder in tmp_path.iterdir()} == {"role-tested-"}
    assert len(list(tmp_path.iterdir())) == 2


def test_duplicate_destination_is_used_once(local: Ingestion, tmp_path: Path) -> None:
    with telemetry_to(["", "local", "local"], tmp_path, insights_port=local.port) as telemetry:
        make_spans(telemetry, "one")
    assert local.names == ["one"]


def test_stored_items_are_never_sent_to_another_destination(azure: Ingestion, local: Ingestion, tmp_path: Path) -> None:
    with telemetry_to([f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:{free_port()}"], tmp_path) as away:
        make_spans(away, "for the other destination")
    with telemetry_to([azure.connection_string], tmp_path) as telemetry:
        make_spans(telemetry, "for this destination")
        telemetry.flush()
    assert azure.names == ["for this destination"]
    assert local.names == []


def test_read_only_disk_does_not_stop_a_service(
    azure: Ingestion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    responses: Iterator[FakeResponse] = iter([(503, {}, b"")])
    azure.respond = lambda _envelopes: next(responses, ACCEPTED)
    with telemetry_to([azure.connection_string], tmp_path / "file") as telemetry:
        make_spans(telemetry, "dropped: rejected, and not stored")
        eventually(lambda: "Dropped 1 telemetry items" in caplog.text)
        time.sleep(0.2)  # the pause after the failed request is 0.1 s
        make_spans(telemetry, "sent")
    assert azure.names == ["sent"]
    assert "preparing the folder" in caplog.text


def test_read_only_disk_raises_in_a_test(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        telemetry_to([""], tmp_path / "file").start()


def test_start_and_close_do_not_wait_for_a_network_that_drops_packets(
    azure: Ingestion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket.socket, "connect", lambda *_args: released.wait(20))
    began = time.monotonic()
    telemetry = telemetry_to([azure.connection_string], tmp_path)
    telemetry.start()
    assert time.monotonic() - began < 0.5
    make_spans(telemetry, "stored")
    telemetry.close(timeout_s=0.2)
    assert time.monotonic() - began < 1.5
    assert len(list(tmp_path.glob("*/*.blob"))) == 1
    released.set()


@pytest.mark.parametrize(
    "text",
    [
        "local\nInstrumentationKey={key};IngestionEndpoint=http://h:1",
        "\n local \n\n InstrumentationKey={key}; IngestionEndpoint=http://h:1; \n",
        '["local", "InstrumentationKey={key};IngestionEndpoint=http://h:1"]',
    ],
)
def test_destinations_are_lines_or_a_json_list(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", f"InstrumentationKey={KEY}")
    monkeypatch.setenv("TELEMETRY_ALSO_SEND_TO", text.replace("{key}", OTHER_KEY))
    connections = TelemetrySettings(role="r").connections
    assert [connection.ingestion_endpoint for connection in connections] == [
        "https://dc.services.visualstudio.com",
        "http://127.0.0.1:8080",
        "http://h:1",
    ]


@pytest.mark.parametrize("text", ["locale", "InstrumentationKey=open-sesame", '["local"', "[1]"])
def test_invalid_destination_is_rejected_without_its_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_ALSO_SEND_TO", text)
    with pytest.raises(ValueError, match="also_send_to") as rejected:
        TelemetrySettings(role="r")
    assert "sesame" not in str(rejected.value)


@pytest.mark.parametrize(
    ("settings", "expected_s"),
    [
        ({}, 5.0),
        ({"connection_string": f"InstrumentationKey={KEY}"}, 60.0),
        ({"connection_string": f"InstrumentationKey={KEY}", "also_send_to": ("local",)}, 60.0),
        ({"metrics_interval_s": 15}, 15.0),
        ({"metrics_interval_s": 0}, 0.0),
    ],
)
def test_default_metrics_interval_depends_on_the_destinations(settings: dict[str, Any], expected_s: float) -> None:
    assert TelemetrySettings(role="r", **settings).metrics_period_s == expected_s
