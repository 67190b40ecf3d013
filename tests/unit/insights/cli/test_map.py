"""`insights map`: output formats, files and errors."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from local_insights.cli.map import map_command

RESPONSES = {
    "/map.txt?since=1h": (200, "prompt → frontend    3 calls\n".encode()),
    "/map.svg?since=1h": (200, b"<svg/>"),
    "/map.mmd?since=7d": (200, b"flowchart LR\n"),
    "/map.dot?since=1h": (200, b"digraph {}\n"),
    "/map.json?since=1h": (200, b"{}"),
    "/map.txt?since=soon": (400, b'{"title": "Bad time range", "detail": "since=soon is not a time. Try since=1h."}'),
    "/map.txt?since=red": (400, b'{"detail": "since=\\u009b31m is not a time."}'),
    "/map.txt?since=broken": (500, b"<h1>oops</h1>"),
}


class FakeServer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = RESPONSES[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - name of the base class
        del format, arguments


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), FakeServer) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(map_command, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_map_is_printed_as_text(server: str) -> None:
    assert run("--server", server) == (0, "prompt → frontend    3 calls\n", "")


@pytest.mark.parametrize(("name", "expected"), [("svg", "<svg/>"), ("dot", "digraph {}\n"), ("json", "{}")])
def test_map_is_printed_in_the_requested_format(server: str, name: str, expected: str) -> None:
    assert run("--server", server, "--format", name) == (0, expected, "")


def test_since_is_sent_to_the_server(server: str) -> None:
    assert run("--server", server, "--format", "mermaid", "--since", "7d") == (0, "flowchart LR\n", "")


def test_map_is_written_to_a_file(server: str, tmp_path: Path) -> None:
    target = tmp_path / "map.svg"
    code, stdout, stderr = run("--server", server, "--format", "svg", "-o", str(target))
    assert (code, stdout, stderr) == (0, "", f"Wrote {target}.\n")
    assert target.read_text() == "<svg/>"


def test_error_for_an_unwritable_file_names_the_file(server: str, tmp_path: Path) -> None:
    code, _, stderr = run("--server", server, "-o", str(tmp_path / "nowhere" / "map.txt"))
    assert code == 1
    assert "Cannot write" in stderr
    assert "nowhere" in stderr


def test_error_without_a_server_names_address_and_remedy() -> None:
    with HTTPServer(("127.0.0.1", 0), FakeServer) as closed:
        address = f"http://127.0.0.1:{closed.server_port}"
    code, stdout, stderr = run("--server", address)
    assert (code, stdout) == (1, "")
    assert address in stderr
    assert "insights serve" in stderr


@pytest.mark.parametrize("address", ["localhost:8080", "ftp://here", "http://[", "", "http://a b"])
def test_invalid_server_address_is_rejected_with_an_example(address: str) -> None:
    code, _, stderr = run("--server", address)
    assert code == 1
    assert "http://127.0.0.1:8080" in stderr or "insights serve" in stderr


def test_detail_of_a_problem_document_is_printed(server: str) -> None:
    assert run("--server", server, "--since", "soon") == (
        1,
        "",
        f"Error: {server} rejected the request: since=soon is not a time. Try since=1h.\n",
    )


def test_status_of_another_error_response_is_printed(server: str) -> None:
    expected = f"Error: {server} rejected the request: 500 Internal Server Error\n"
    assert run("--server", server, "--since", "broken")[2] == expected


def test_unknown_format_is_rejected() -> None:
    code, _, stderr = run("--format", "png")
    assert code == 2
    assert "png" in stderr


def test_error_is_printed_without_control_characters(server: str) -> None:
    code, _, error = run("--server", server, "--since", "red")
    assert code == 1
    assert "is not a time" in error
    assert "\x9b" not in error
