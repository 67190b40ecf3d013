"""Start a healthy mesh from a checkout, and stop it."""

import fcntl
import hashlib
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import httpx
import psutil

from running import database
from running.errors import RunningError
from running.settings import LOOPBACK, Settings
from running.supervision import Supervisor
from running.waiting import wait_until

HEALTHY_TIMEOUT_S = 60
LISTEN_TIMEOUT_S = 5
LOG_LINES_SHOWN = 8
SETTING_PREFIXES = ("APPLICATIONINSIGHTS", "ECHO", "FRONTEND", "INSIGHTS", "OPENCENSUS", "STORAGE", "TELEMETRY")
"""Prefixes of the variables that programs of the mesh read. If one of these changes, `up` restarts the mesh."""

PRIVATE_DIRS = ("logs", "undelivered")
"""Directories that only the user can read, also in a state directory that others can read."""
STATE_FILES = (
    *(*PRIVATE_DIRS, "insights", "mysql-data", "mysql-account.sql", "mysql-password", "mysql-program", "mysql-start"),
    *("supervisord.pid", "supervisor.sock", "lock"),
)
"""Everything that the mesh creates in a state directory."""


def up(settings: Settings) -> None:
    """Start the programs that do not run, and wait until every service is healthy. Safe to repeat, also after a crash.

    Raises:
        RunningError: It cannot run; the text describes what to do, and no program is left running.
    """
    settings.require_temporary_directory()
    supervisor = Supervisor(settings.state_dir)
    with _exclusively(settings):
        try:
            if supervisor.identity() == _identity(settings):
                stopped = [name for name, process in supervisor.processes().items() if not process.pid]
                _require_free_ports({name: port for name, port in settings.ports.items() if name in stopped})
                for name in settings.ports:
                    supervisor.start_program(name)
            else:
                supervisor.shut_down()
                _require_free_ports(settings.ports)
                _start(settings, supervisor)
            _wait_until_healthy(settings, supervisor)
            _require_own_listeners(settings, supervisor)
        except BaseException:
            supervisor.shut_down()
            raise


def down(settings: Settings) -> bool:
    """Stop everything that `up` started. Return whether anything ran."""
    with _exclusively(settings):
        return Supervisor(settings.state_dir).shut_down()


def clean(settings: Settings) -> None:
    """Stop everything, and delete the files of the mesh from its state directory, and the directory if it is empty."""
    down(settings)
    for name in STATE_FILES:
        path = settings.state_dir / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # it contains files of the user
        settings.state_dir.rmdir()


@contextmanager
def _exclusively(settings: Settings) -> Iterator[None]:
    """Hold the lock of a state directory: one `up` or `down` at a time. New files are readable by the user only."""
    umask = os.umask(0o077)
    try:
        with _open_lock(settings.state_dir) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    finally:
        os.umask(umask)


def _open_lock(state_dir: Path) -> IO[str]:
    """Create the directories of a state directory, readable by the user only, and return the open lock file."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in PRIVATE_DIRS:
            (state_dir / name).mkdir(exist_ok=True)
            (state_dir / name).chmod(0o700)
        return (state_dir / "lock").open("w")
    except OSError as error:
        message = f"LOCAL_DIR cannot be used: {error.strerror}: {error.filename}. Set it to a directory of your own."
        raise RunningError(message) from error


def _identity(settings: Settings) -> str:
    """Return a digest of all settings, to detect that a running mesh was started with others."""
    environment = settings.environment(settings.mysql_password.get_secret_value())
    names = sorted(name for name in environment if name.startswith((*SETTING_PREFIXES, "MYSQL")))
    return hashlib.sha256(repr([(name, environment[name]) for name in names]).encode()).hexdigest()


def _start(settings: Settings, supervisor: Supervisor) -> None:
    password = settings.mysql_password.get_secret_value()
    if settings.has_private_database:
        password = database.prepare(settings)
    supervisor.start(settings.environment(password), _identity(settings), mysql=settings.has_private_database)


def _require_free_ports(ports: Mapping[str, int]) -> None:
    taken = []
    with ExitStack() as sockets:
        for name, port in ports.items():
            listener = sockets.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((LOOPBACK, port))
                listener.listen()
            except OSError as error:
                taken.append(_taken(name, port, error.strerror or ""))
    _reject(taken)


def _require_own_listeners(settings: Settings, supervisor: Supervisor) -> None:
    """Check that the programs of the mesh listen on its ports. A foreign program may respond to health checks."""

    def foreign() -> list[str]:
        return [name for name, port in settings.ports.items() if not supervisor.listens(name, port)]

    wait_until(lambda: not foreign(), LISTEN_TIMEOUT_S)
    _reject([_taken(name, settings.ports[name], "not by this mesh") for name in foreign()])


def _taken(name: str, port: int, reason: str) -> str:
    return f"  - {port} for {name} ({_user_of(port) or reason}); choose another by {name.upper()}_PORT"


def _reject(taken: list[str]) -> None:
    if taken:
        message = "These ports are in use. Stop the programs that use them, or choose others:\n" + "\n".join(taken)
        raise RunningError(message)


def _user_of(port: int) -> str:
    """Return the process that listens on a port; empty if the system does not reveal it."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f"used by {psutil.Process(connection.pid).name()}, process {connection.pid}"
    except psutil.Error:
        pass
    return ""


def _wait_until_healthy(settings: Settings, supervisor: Supervisor) -> None:
    faults = dict.fromkeys((name for name in settings.ports if name != "mysql"), "no response")
    with httpx.Client(timeout=5, trust_env=False) as client:

        def is_healthy() -> bool:
            nonlocal faults
            ended = [name for name, process in supervisor.processes().items() if process.state in {"FATAL", "UNKNOWN"}]
            if ended:
                raise RunningError(_failure_report(supervisor, dict.fromkeys(ended, "it does not start")))
            faults = {name: fault for name in faults if (fault := _health(client, settings.url(name)))}
            return not faults

        if not wait_until(is_healthy, HEALTHY_TIMEOUT_S):
            raise RunningError(_failure_report(supervisor, faults))


def _health(client: httpx.Client, base_url: str) -> str:
    """Return the fault of a service; empty if it is healthy."""
    try:
        response = client.get(f"{base_url}/healthz")
    except httpx.HTTPError as error:
        return f"no response ({type(error).__name__})"
    return "" if response.is_success else f"status {response.status_code}: {response.text[:300]}"


def _failure_report(supervisor: Supervisor, faults: dict[str, str]) -> str:
    lines = ["The mesh did not become healthy and was stopped."]
    for name, fault in faults.items():
        log = supervisor.log(name)
        lines.append(f"{name}: {fault}. Last lines of {log}:")
        printed = log.read_text(errors="replace") if log.exists() else ""
        lines += [f"    {line}" for line in printed.splitlines()[-LOG_LINES_SHOWN:]]
    return "\n".join(lines)
