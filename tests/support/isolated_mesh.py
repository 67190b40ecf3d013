"""A mesh beside any other: on free ports, with a state directory of its own. For tests and measurements."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import SecretStr

from running import lifecycle
from running.settings import LOOPBACK, Settings

PORT_FIELDS = ("frontend_port", "echo_port", "storage_port", "insights_port", "mysql_port")


def isolated_settings(state_dir: Path) -> Settings:
    """Settings with free ports, a private database and telemetry that stays here, whatever the environment says."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in PORT_FIELDS]
        for listener in listeners:
            listener.bind((LOOPBACK, 0))
        ports = {name: listener.getsockname()[1] for name, listener in zip(PORT_FIELDS, listeners, strict=True)}
    return Settings(local_dir=state_dir, mysql_host="", applicationinsights_connection_string=SecretStr(""), **ports)


@contextmanager
def isolated_mesh() -> Iterator[Settings]:
    """A healthy mesh for as long as the block lasts. Nothing of it remains."""
    with tempfile.TemporaryDirectory(prefix="mesh-") as state_dir:
        settings = isolated_settings(Path(state_dir))
        try:
            lifecycle.up(settings)
            yield settings
        finally:
            lifecycle.down(settings)


def variables(settings: Settings) -> dict[str, str]:
    """The environment in which commands find the mesh of these settings."""
    ports = {f"{program.upper()}_PORT": str(port) for program, port in settings.ports.items()}
    return os.environ | ports | {"LOCAL_DIR": str(settings.state_dir)}
