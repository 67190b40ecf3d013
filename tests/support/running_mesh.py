"""The mesh as real processes, for tests: on free ports, with a state directory and a database of its own."""

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
    """A mesh that is up, and what tests do to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.url("frontend"), settings.url("insights"))
        self.settings = settings
        self.supervisor = Supervisor(settings.state_dir)

    def up(self) -> None:
        """Start what was stopped, and wait until all is healthy."""
        lifecycle.up(self.settings)

    def pid(self, program: str) -> int:
        """Process id of a program; 0 while it does not run."""
        return self.supervisor.processes()[program].pid

    def signal(self, program: str, number: signal.Signals) -> None:
        """Send a program a signal."""
        os.kill(self.pid(program), number)

    @contextmanager
    def stopped(self, program: str) -> Iterator[None]:
        """A program that is not there; afterwards it is again."""
        self.supervisor.stop_program(program)
        try:
            yield
        finally:
            self.supervisor.start_program(program)

    @contextmanager
    def hanging(self, program: str) -> Iterator[None]:
        """A program that takes connections and never answers; afterwards it goes on."""
        process = psutil.Process(self.pid(program))
        process.suspend()
        try:
            yield
        finally:
            process.resume()
