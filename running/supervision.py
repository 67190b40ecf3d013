"""The process manager: one supervisord per state directory, controlled through its socket."""

import contextlib
import hashlib
import os
import tempfile
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from running.commands import run
from running.errors import RunningError
from running.settings import PROJECT_DIR
from running.waiting import wait_until

LONGEST_SOCKET_PATH = 90
"""Bytes. The kernel's limit is 103 (macOS) or 107 (Linux); supervisord binds a name that is a few characters longer."""

SHUTDOWN_TIMEOUT_S = 60
"""Longer than all programs need to stop one after another (`stopwaitsecs` in supervisord.conf)."""

LEFTOVER_TIMEOUT_S = 10
MARK = "RUN_STATE_DIR"
"""The variable that marks a process and its children as belonging to a state directory."""

DO_NOT_WAIT = False
"""supervisord itself waits for `startsecs`; the health check is faster."""


@dataclass(frozen=True, slots=True)
class Process:
    """The state of a program: `state` is one of supervisord's state names, `pid` is 0 while it does not run."""

    name: str
    state: str
    pid: int


def control_socket(state_dir: Path) -> Path:
    """Return the control socket of a state directory: inside it, or under a short path if that is too long."""
    inside = state_dir / "supervisor.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"local-insights-{os.getuid()}" / f"{digest}.sock"


class Supervisor:
    """The supervisord of one state directory, running or not."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._socket = control_socket(state_dir)

    def identity(self) -> str | None:
        """Return the identity that the running supervisord was started with; None if it does not respond."""
        try:
            return str(self._call("getIdentification"))
        except (OSError, HTTPException, xmlrpc.client.Error):
            return None

    def start(self, environment: Mapping[str, str], identity: str, *, mysql: bool) -> None:
        """Start supervisord in the background; every program runs with `environment`.

        Args:
            environment: The whole environment of the programs.
            identity: The result of `identity` afterwards.
            mysql: Whether to start the private database.

        Raises:
            RunningError: supervisord does not start.
        """
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._socket.parent.stat().st_uid != os.getuid():
            message = f"{self._socket.parent} belongs to another user. Remove it, or set LOCAL_DIR to a shorter path."
            raise RunningError(message)
        configuration = PROJECT_DIR / "running" / "supervisord.conf"
        run_environment = {
            "RUN_IDENTITY": identity,
            "CONTROL_SOCKET": os.path.relpath(self._socket, self._state_dir),
            "HAS_PRIVATE_DATABASE": str(mysql).lower(),
            MARK: str(self._state_dir),
        }
        programs = PROJECT_DIR / ".venv" / "bin"
        run(
            [programs / "python", programs / "supervisord", "-c", configuration],
            environment={**environment, **run_environment},
            directory=self._state_dir,
        )

    def processes(self) -> dict[str, Process]:
        """Return all programs by name, running or not."""
        return {
            info["name"]: Process(info["name"], info["statename"], info["pid"])
            for info in self._call("getAllProcessInfo")
        }

    def start_program(self, name: str) -> None:
        """Start one program unless it runs. Return before it is ready."""
        self._call("startProcess", name, DO_NOT_WAIT, already=Faults.ALREADY_STARTED)

    def stop_program(self, name: str) -> None:
        """Stop one program unless it is stopped, and wait for its end. It is not restarted automatically."""
        self._call("stopProcess", name, already=Faults.NOT_RUNNING)

    def shut_down(self) -> bool:
        """Stop everything, including programs that a killed supervisord left running. Return whether anything ran."""
        found = bool(self._marked_processes())
        if self.identity() is not None:
            self._call("shutdown")
            self._wait_for_end(SHUTDOWN_TIMEOUT_S)
        for end in (psutil.Process.terminate, psutil.Process.kill):
            for process in self._marked_processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    end(process)
            self._wait_for_end(LEFTOVER_TIMEOUT_S)
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self._state_dir:
            with contextlib.suppress(OSError):  # it contains sockets of other state directories, or does not exist
                self._socket.parent.rmdir()
        return found

    def listens(self, name: str, port: int) -> bool:
        """Return True if a program, or a child of it, listens on a port."""
        try:
            process = psutil.Process(self.processes()[name].pid)
            connections = [
                connection
                for each in (process, *process.children(recursive=True))
                for connection in each.net_connections("tcp")
            ]
        except (KeyError, ValueError, psutil.Error):
            return False
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)

    def log(self, name: str) -> Path:
        """Return the file with a program's output."""
        return self._state_dir / "logs" / f"{name}.log"

    def _call(self, method: str, *arguments: str | bool, already: int | None = None) -> Any:  # noqa: ANN401 - untyped results
        """Call a method of supervisord; the fault `already` means that the state is already the requested one."""
        with contextlib.closing(SupervisorTransport(None, None, f"unix://{self._socket}")) as transport:
            remote = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
            try:
                return getattr(remote.supervisor, method)(*arguments)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != already:
                    raise
                return None

    def _marked_processes(self) -> list[psutil.Process]:
        """Return the processes that a supervisord of this state directory started, found by their environment."""
        return [process for process in psutil.process_iter() if _environment(process).get(MARK) == str(self._state_dir)]

    def _wait_for_end(self, timeout_s: float) -> None:
        wait_until(lambda: not self._marked_processes(), timeout_s)


def _environment(process: psutil.Process) -> Mapping[str, str]:
    try:
        environment: Mapping[str, str] = process.environ()
    except (psutil.Error, OSError):  # it belongs to another user, or has ended
        return {}
    return environment
