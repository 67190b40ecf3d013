"""Start and clean-up: file modes, foreign programs on the ports, and the texts of errors."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from running import lifecycle
from running.errors import RunningError
from running.settings import LOOPBACK, Settings
from running.supervision import Process, Supervisor, control_socket
from support.isolated_mesh import isolated_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return isolated_settings(tmp_path / "state")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener


def run_supervisor(monkeypatch: pytest.MonkeyPatch, settings: Settings, processes: dict[str, Process]) -> list[str]:
    """Replace supervisord; return the list to which `shut_down` and the started programs are appended."""
    calls: list[str] = []

    class FakeSupervisor(Supervisor):
        def identity(self) -> str | None:
            return lifecycle._identity(settings)

        def processes(self) -> dict[str, Process]:
            return processes

        def start_program(self, name: str) -> None:
            calls.append(name)

        def shut_down(self) -> bool:
            calls.append("shut_down")
            return True

    monkeypatch.setattr(lifecycle, "Supervisor", FakeSupervisor)
    return calls


def test_foreign_program_on_the_port_of_a_stopped_program_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, listener: socket.socket
) -> None:
    settings = settings.model_copy(update={"insights_port": listener.getsockname()[1]})
    processes = {name: Process(name, "RUNNING", os.getpid()) for name in settings.ports}
    calls = run_supervisor(monkeypatch, settings, processes | {"insights": Process("insights", "STOPPED", 0)})
    with pytest.raises(RunningError, match=f"{settings.insights_port} for insights .*process {os.getpid()}.*_PORT"):
        lifecycle.up(settings)
    assert calls == ["shut_down"]


def test_foreign_program_that_responds_to_health_checks_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, listener: socket.socket
) -> None:
    settings = settings.model_copy(update={"echo_port": listener.getsockname()[1]})
    processes = {name: Process(name, "RUNNING", os.getpid()) for name in settings.ports}
    calls = run_supervisor(monkeypatch, settings, processes | {"echo": Process("echo", "RUNNING", 1)})
    monkeypatch.setattr(lifecycle, "_wait_until_healthy", lambda *_arguments: None)
    monkeypatch.setattr(lifecycle, "LISTEN_TIMEOUT_S", 0)
    with pytest.raises(RunningError, match=f"{settings.echo_port} for echo"):
        lifecycle.up(settings)
    assert calls == [*settings.ports, "shut_down"]


def test_listening_program_is_found_by_its_port(tmp_path: Path, listener: socket.socket) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.processes = lambda: {"echo": Process("echo", "RUNNING", os.getpid())}  # type: ignore[method-assign]
    port = listener.getsockname()[1]
    assert supervisor.listens("echo", port)
    listener.close()
    assert not supervisor.listens("echo", port)
    assert not supervisor.listens("frontend", port)


def test_logs_are_private_in_a_state_directory_that_others_can_read(settings: Settings) -> None:
    logs = settings.state_dir / "logs"
    logs.mkdir(parents=True, mode=0o755)
    logs.chmod(0o755)
    umask = os.umask(0o022)
    try:
        lifecycle.down(settings)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(umask)
    assert [mode(logs), mode(settings.state_dir / "undelivered"), mode(settings.state_dir / "lock")] == [
        0o700,
        0o700,
        0o600,
    ]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_clean_deletes_the_files_of_the_mesh_only(settings: Settings) -> None:
    lifecycle.down(settings)
    (settings.state_dir / "mysql-password").touch()
    (settings.state_dir / "insights").mkdir()
    (settings.state_dir / "mine").touch()
    lifecycle.clean(settings)
    assert list(settings.state_dir.iterdir()) == [settings.state_dir / "mine"]
    (settings.state_dir / "mine").unlink()
    lifecycle.clean(settings)
    assert not settings.state_dir.exists()


@pytest.mark.parametrize("place", [lambda path: path / "file" / "state", lambda path: path / "file"])
def test_unusable_state_directory_is_reported_with_its_variable(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunningError, match=r"LOCAL_DIR cannot be used: .*file"):
        lifecycle.down(isolated_settings(place(tmp_path)))


def test_missing_temporary_directory_is_reported_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    with pytest.raises(RunningError, match="TMPDIR is /nonexistent"):
        lifecycle.up(settings)


def test_folder_of_short_sockets_is_removed_with_the_last_socket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = Path("/srv", *["folder"] * 20)
    sockets = [control_socket(deep / name) for name in "ab"]
    sockets[0].parent.mkdir()
    for path in sockets:
        path.touch()
    Supervisor(deep / "a").shut_down()
    assert list(tmp_path.glob("*/*")) == sockets[1:]
    Supervisor(deep / "b").shut_down()
    assert list(tmp_path.iterdir()) == []
