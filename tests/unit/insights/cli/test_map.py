"""The command that prints the map of a running server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from local_insights.cli.map import map_command

ANSWERS = {
    "/map.txt?since=1h": (200, "prompt → frontend    3 calls\n".encode()),
    "/map.svg?since=1h": (200, b"<svg/>"),
    "/map.mmd?since=7d": (200, b"flowchart LR\n"),
    "/map.dot?since=1h": (200, b"digraph {}\n"),
    "/map.json?since=1h": (200, b"{}"),
    "/map.txt?since=soon": (400, b'{"title": "Bad time range", "detail": "since=soon is not a time. Try since=1h."}'),
    "/map.txt?since=broken": (500, b"<h1>oops</h1>"),
}


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the parent's name for it
        del format, arguments


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), Answering) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def run(*arguments: str) -> tuple[int, str, str]:
    app = Typer()
    app.command()(map_command)
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_map_is_printed_as_text(server: str) -> None:
    assert run("--server", server) == (0, "prompt → frontend    3 calls\n", "")


@pytest.mark.parametrize(("name", "printed"), [("svg", "<svg/>"), ("dot", "digraph {}\n"), ("json", "{}")])
def test_map_is_printed_in_the_format_asked_for(server: str, name: str, printed: str) -> None:
    assert run("--server", server, "--format", name) == (0, printed, "")


def test_since_goes_to_the_server(server: str) -> None:
    assert run("--server", server, "--format", "mermaid", "--since", "7d") == (0, "flowchart LR\n", "")


def test_map_is_written_to_a_file(server: str, tmp_path: Path) -> None:
    target = tmp_path / "map.svg"
    code, printed, told = run("--server", server, "--format", "svg", "-o", str(target))
    assert (code, printed, told) == (0, "", f"Wrote {target}.\n")
    assert target.read_text() == "<svg/>"


def test_file_that_cannot_be_written_is_named(server: str, tmp_path: Path) -> None:
    code, _, told = run("--server", server, "-o", str(tmp_path / "nowhere" / "map.txt"))
    assert code == 1
    assert "Cannot write" in told
    assert "nowhere" in told


def test_absent_server_is_named_with_what_to_do() -> None:
    with HTTPServer(("127.0.0.1", 0), Answering) as closed:
        address = f"http://127.0.0.1:{closed.server_port}"
    code, printed, told = run("--server", address)
    assert (code, printed) == (1, "")
    assert address in told
    assert "insights serve" in told


@pytest.mark.parametrize("address", ["localhost:8080", "ftp://here", "http://[", "", "http://a b"])
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    code, _, told = run("--server", address)
    assert code == 1
    assert "http://127.0.0.1:8080" in told or "insights serve" in told


def test_refusal_is_told_in_the_servers_words(server: str) -> None:
    assert run("--server", server, "--since", "soon") == (
        1,
        "",
        f"{server} refused: since=soon is not a time. Try since=1h.\n",
    )


def test_answer_that_is_no_problem_document_is_told_by_its_status(server: str) -> None:
    assert run("--server", server, "--since", "broken")[2] == f"{server} refused: 500 Internal Server Error\n"


def test_unknown_format_is_refused() -> None:
    code, _, told = run("--format", "png")
    assert code == 2
    assert "png" in told
