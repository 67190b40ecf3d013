"""An isolated mesh for tests and measurements: on free ports, with its own state directory."""

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
    """Return settings with free ports, a private database and the local server for telemetry.

    The environment does not change them. A program that ends counts as failed only within 1 s of its start: a test that
    kills a program waits for no pause before its restart.
    """
    with ExitStack() as sockets:
        listeners = [sockets.enter_context(socket.socket()) for _ in PORT_FIELDS]
        for listener in listeners:
            listener.bind((LOOPBACK, 0))
        ports = {name: listener.getsockname()[1] for name, listener in zip(PORT_FIELDS, listeners, strict=True)}
    return Settings(
        local_dir=state_dir,
        mysql_host="",
        applicationinsights_connection_string=SecretStr(""),
        start_seconds=1,
        **ports,
    )


@contextmanager
def isolated_mesh() -> Iterator[Settings]:
    """Run a healthy mesh during the block; leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="mesh-") as state_dir:
        settings = isolated_settings(Path(state_dir))
        try:
            lifecycle.up(settings)
            yield settings
        finally:
            lifecycle.down(settings)


def variables(settings: Settings) -> dict[str, str]:
    """Return the environment in which commands find the mesh of these settings."""
    ports = {f"{program.upper()}_PORT": str(port) for program, port in settings.ports.items()}
    start = {"START_SECONDS": str(settings.start_seconds), "START_RETRIES": str(settings.start_retries)}
    return os.environ | ports | start | {"LOCAL_DIR": str(settings.state_dir)}
