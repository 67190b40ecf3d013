"""A running mesh and the disturbances that tests apply to it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from running import lifecycle
from running.settings import Settings
from running.supervision import Supervisor
from support.mesh_client import MeshClient


class RunningMesh(MeshClient):
    """A mesh that is up."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.url("frontend"), settings.url("insights"))
        self.settings = settings
        self.supervisor = Supervisor(settings.state_dir)

    def up(self) -> None:
        """Start the stopped programs, and wait until all are healthy."""
        lifecycle.up(self.settings)

    def pid(self, program: str) -> int:
        """Return the process id of a program; 0 while it does not run."""
        return self.supervisor.processes()[program].pid

    def signal(self, program: str, number: signal.Signals) -> None:
        """Send a program a signal."""
        os.kill(self.pid(program), number)

    @contextmanager
    def stopped(self, program: str) -> Iterator[None]:
        """Stop a program during the block."""
        self.supervisor.stop_program(program)
        try:
            yield
        finally:
            self.supervisor.start_program(program)

    @contextmanager
    def hanging(self, program: str) -> Iterator[None]:
        """Suspend a program during the block: it accepts connections and does not respond."""
        process = psutil.Process(self.pid(program))
        process.suspend()
        try:
            yield
        finally:
            process.resume()
