"""The commands up, down and stop: output, exit codes, and the processes that remain."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import psutil
import pytest

from running import lifecycle
from running.settings import LOOPBACK, PROJECT_DIR, Settings
from support.isolated_mesh import isolated_settings, variables
from support.polling import eventually
from support.running_mesh import RunningMesh

DEEP = Path(*['a folder, 100% "quoted", whose path is too long for a socket'] * 3)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = isolated_settings(tmp_path / DEEP)
    yield settings
    lifecycle.down(settings)


def run(settings: Settings, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command like the Makefile, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "running", *command],
        cwd=PROJECT_DIR,
        env=variables(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def processes_of(settings: Settings) -> list[psutil.Process]:
    """Return the processes of these settings, found by their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("RUN_STATE_DIR") == str(settings.state_dir):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def test_up_can_be_repeated_and_restarts_killed_programs(settings: Settings) -> None:
    first = run(settings, "up")
    assert (first.returncode, first.stderr) == (0, "")
    assert settings.url("insights") in first.stdout
    mesh = RunningMesh(settings)
    before = {name: process.pid for name, process in mesh.supervisor.processes().items()}

    assert run(settings, "up").returncode == 0
    assert {name: process.pid for name, process in mesh.supervisor.processes().items()} == before

    supervisord = next(process for process in processes_of(settings) if "supervisord" in process.cmdline()[1])
    supervisord.kill()
    os.kill(before["echo"], signal.SIGKILL)
    eventually(lambda: not psutil.pid_exists(before["echo"]) or _is_zombie(before["echo"]), within_s=5)
    assert run(settings, "up").returncode == 0
    assert not {process.pid for process in mesh.supervisor.processes().values()} & set(before.values())
    assert mesh.enter("4").is_success
    have_password = {
        name
        for name, process in mesh.supervisor.processes().items()
        if "MYSQL_PASSWORD" in psutil.Process(process.pid).environ()
    }
    assert have_password == {"storage"}
    files = [path for path in settings.state_dir.rglob("*") if path.is_file() and "mysql-data" not in path.parts]
    assert not [path for path in files if path.stat().st_mode & 0o077]
    mesh.close()

    assert run(settings, "down").stdout == "The mesh is down.\n"
    assert not processes_of(settings)
    assert run(settings, "down").stdout == "Nothing was running.\n"


def test_stopped_program_is_started_by_the_next_up(mesh: RunningMesh) -> None:
    assert run(mesh.settings, "stop", "echo").returncode == 0
    assert mesh.enter("4").status_code == HTTPStatus.SERVICE_UNAVAILABLE

    assert run(mesh.settings, "up").returncode == 0
    assert mesh.enter("4").status_code == HTTPStatus.CREATED


def test_stop_without_a_mesh_prints_how_to_start_it(settings: Settings) -> None:
    outcome = run(settings, "stop", "echo")

    assert outcome.returncode == 1
    assert outcome.stderr == "Nothing is running. Start it with: make up\n"


def test_port_in_use_is_named_and_nothing_is_left_running(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, settings.echo_port))
        other.listen()

        outcome = run(settings, "up")

    assert outcome.returncode == 1
    assert f"{settings.echo_port} for echo" in outcome.stderr
    assert "ECHO_PORT" in outcome.stderr
    assert not processes_of(settings)


def test_failed_start_shows_the_log_and_nothing_is_left_running(settings: Settings) -> None:
    (settings.state_dir / "insights").parent.mkdir(parents=True)
    (settings.state_dir / "insights").write_text("a file instead of a directory", encoding="utf-8")
    # One attempt; it counts as failed also where imports take seconds.
    settings = settings.model_copy(update={"start_seconds": 15, "start_retries": 0})

    outcome = run(settings, "up")

    assert outcome.returncode == 1
    assert "insights:" in outcome.stderr
    assert str(settings.state_dir / "logs" / "insights.log") in outcome.stderr
    assert not processes_of(settings)


def _is_zombie(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
