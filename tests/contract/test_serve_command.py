"""`insights serve`: errors at start-up, and the warning about the missing login."""

import os
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from support.captured_posts import envelopes
from support.insights_process import INSIGHTS, running_insights


def failed(*options: str, **environment: str) -> tuple[int, str]:
    """Run a command that fails at start-up. Return its exit code and stderr."""
    done = subprocess.run(
        [INSIGHTS, "serve", *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_error_for_a_port_in_use_names_port_and_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, message = failed("--port", str(port), "--data", str(tmp_path))
    assert code == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in message
    assert "--port" in message


def test_error_for_an_unwritable_directory_names_directory_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, message = failed("--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert code == 1
    assert str(tmp_path / "file" / "data") in message
    assert "--data" in message


def test_data_directory_of_a_running_server_cannot_be_opened(tmp_path: Path) -> None:
    with running_insights(tmp_path):
        code, message = failed("--port", "0", "--data", str(tmp_path))
    assert code == 1
    assert "another process" in message


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("INSIGHTS_PORT", "http", "port"),
        ("INSIGHTS_PORT", "70000", "port"),
        ("INSIGHTS_QUERY_TIMEOUT_S", "0", "query_timeout_s"),
    ],
)
def test_error_for_an_invalid_setting_names_the_setting(variable: str, value: str, named: str) -> None:
    code, message = failed(**{variable: value})
    assert code == 2
    assert f"{named}: " in message


@pytest.mark.parametrize(("published_on", "warned"), [("", False), ("127.0.0.1", False), ("192.0.2.1", True)])
def test_server_that_other_machines_can_reach_warns_about_the_missing_login(
    tmp_path: Path,
    published_on: str,
    warned: bool,  # noqa: FBT001 - a column
) -> None:
    with running_insights(tmp_path, INSIGHTS_PUBLISHED_ON=published_on) as insights:
        insights.process.terminate()
        _, stderr = insights.process.communicate(timeout=20)
    assert ("WARNING: LISTENING ON 192.0.2.1. There is no login" in stderr) == warned


def test_files_are_accessible_to_their_owner_only_independent_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with running_insights(tmp_path / "parent" / "data", INSIGHTS_TLS_PORT="0") as insights:
            httpx.post(
                f"{insights.url}/v2.1/track", json=envelopes("opencensus-python", "RequestData")
            ).raise_for_status()
            paths = [tmp_path / "parent", *(tmp_path / "parent").rglob("*")]
            modes = {path.name: path.stat().st_mode & 0o777 for path in paths}
    finally:
        os.umask(before)
    assert {"insights.duckdb", "insights.duckdb.wal", "key.pem"} <= set(modes)
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
