"""The console loop: it sends each value and prints its echo until the input ends."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from prompt.frontend import Frontend
from prompt.main import send, send_all
from support.recorded_telemetry import Recorded
from telemetry.integrations.requests import trace_requests, untrace_requests


class FakeFrontend(ThreadingHTTPServer):
    """Responds like the frontend, or as a test sets `respond`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond: Callable[[str], tuple[int, bytes]] = lambda value: (201, json.dumps({"value": value}).encode())
        self.traceparents: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not print errors of clients that disconnect, as one test does."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeFrontend

    def do_POST(self) -> None:
        value = json.loads(self.rfile.read(int(self.headers["content-length"])))["value"]
        self.server.traceparents.append(self.headers.get("traceparent", ""))
        status, content = self.server.respond(value)
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Do not print requests."""


@pytest.fixture
def server() -> Iterator[FakeFrontend]:
    with FakeFrontend() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    recorded = Recorded("prompt")
    with recorded.telemetry:
        trace_requests(recorded.telemetry)
        yield recorded
    untrace_requests()


@pytest.fixture
def frontend(server: FakeFrontend) -> Iterator[Frontend]:
    with Frontend(server.url, timeout_s=5.0) as frontend:
        yield frontend


def test_every_line_is_echoed_until_the_input_ends(
    frontend: Frontend, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("4\n25\n"))
    send_all(frontend, recorded.telemetry)
    assert capsys.readouterr().out == "Enter a value: 4\nEnter a value: 25\nEnter a value: \n"


def test_each_value_is_an_operation_whose_span_has_the_call_as_its_child(
    frontend: Frontend, server: FakeFrontend, recorded: Recorded
) -> None:
    for value in ("4", "25"):
        assert send(value, frontend, recorded.telemetry)
    first_call, first, second_call, second = recorded.spans.spans
    assert (first.name, first.parent_span_id, first_call.parent_span_id) == ("prompt", None, first.span_id)
    assert second_call.parent_span_id == second.span_id
    assert first.context.trace_id != second.context.trace_id
    assert server.traceparents == [
        f"00-{call.context.trace_id}-{call.span_id}-01" for call in (first_call, second_call)
    ]


def test_rejected_value_is_reported_and_the_loop_continues(
    frontend: Frontend,
    server: FakeFrontend,
    recorded: Recorded,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.respond = lambda value: (201, b'{"value": "4"}') if value else (422, b'{"detail": "value: too short."}')
    monkeypatch.setattr("sys.stdin", io.StringIO("\n4\n"))
    send_all(frontend, recorded.telemetry)
    output = capsys.readouterr()
    assert output.err == "value: too short.\n"
    assert output.out.splitlines()[0] == "Enter a value: Enter a value: 4"


@pytest.mark.parametrize("response", [(201, b"<html>"), (404, b"not found"), (201, b"{}"), (500, b"")])
def test_other_server_at_the_frontends_address_is_reported(
    frontend: Frontend,
    server: FakeFrontend,
    recorded: Recorded,
    response: tuple[int, bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.respond = lambda _value: response
    assert not send("4", frontend, recorded.telemetry)
    assert "is not the frontend" in capsys.readouterr().err


def test_unreachable_frontend_is_reported(recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeFrontend() as stopped:
        url = stopped.url
    with Frontend(url, timeout_s=5.0) as frontend:
        assert not send("4", frontend, recorded.telemetry)
    assert f"The frontend at {url} is unreachable." in capsys.readouterr().err


def test_slow_frontend_times_out(server: FakeFrontend, recorded: Recorded, capsys: pytest.CaptureFixture[str]) -> None:
    released = threading.Event()
    server.respond = lambda _value: (201 if released.wait(timeout=10) else 500, b"{}")
    with Frontend(server.url, timeout_s=0.05) as frontend:
        assert not send("4", frontend, recorded.telemetry)
    released.set()
    assert "did not respond within 0.05 s" in capsys.readouterr().err
