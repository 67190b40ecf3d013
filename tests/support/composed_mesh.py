"""The mesh in containers, from docker-compose.yml: on free ports, with its own project name."""

import os
import shlex
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from running.commands import run
from running.settings import LOOPBACK, PROJECT_DIR
from support.mesh_client import MeshClient
from support.polling import eventually

PROJECT = "local-insights-test"
SERVICES = ("frontend", "echo", "storage", "insights")
BUILD_TIMEOUT_S = 600
UP_TIMEOUT_S = 180


def compose_command() -> list[str]:
    """Return the Compose command of the variable COMPOSE."""
    return shlex.split(os.environ["COMPOSE"])


class ComposedMesh(MeshClient):
    """A compose project, up or not."""

    def __init__(self) -> None:
        self.began_s = time.monotonic()
        with ExitStack() as sockets:
            listeners = [sockets.enter_context(socket.create_server((LOOPBACK, 0))) for _ in SERVICES]
            self.ports: dict[str, int] = {
                service: listener.getsockname()[1] for service, listener in zip(SERVICES, listeners, strict=True)
            }
        super().__init__(self.url("frontend"), self.url("insights"))
        self.environment = {f"{service.upper()}_PORT": str(port) for service, port in self.ports.items()} | {
            "COMPOSE_PROJECT_NAME": PROJECT,
            # Remove the developer's own settings.
            "APPLICATIONINSIGHTS_CONNECTION_STRING": "",
            "PUBLISHED_ON": "",
            "HOST_NAME": "",
            "MYSQL_PASSWORD": "",
        }

    def url(self, service: str) -> str:
        """Return the published URL of a service."""
        return f"http://{LOOPBACK}:{self.ports[service]}"

    def compose(self, *arguments: str, timeout_s: float = UP_TIMEOUT_S) -> str:
        """Run a command of Compose and return what it printed."""
        command = [*compose_command(), "--file", str(PROJECT_DIR / "docker-compose.yml"), *arguments]
        return run(command, timeout_s=timeout_s, environment=self.environment)

    def build(self) -> None:
        """Build all images, including those of profiles."""
        for service in (*SERVICES, "prompt"):
            self.compose("build", service, timeout_s=BUILD_TIMEOUT_S)

    def up(self) -> None:
        """Start everything, and wait for frontend, which starts when all others are healthy."""
        self.compose("up", "--detach")
        eventually(lambda: self.health("frontend") == "healthy", UP_TIMEOUT_S)

    def down(self) -> None:
        """Stop and remove everything, data included."""
        self.compose("--profile", "prompt", "--profile", "traffic", "down", "--volumes", "--remove-orphans")

    def container(self, service: str) -> str:
        """Return the id of a service's container."""
        (container,) = docker(
            "ps", "--quiet", *self._labelled(), *_filter(f"com.docker.compose.service={service}")
        ).split()
        return container

    def inside(self, service: str, script: str) -> str:
        """Run a shell script in a service's container, as the user that the image names."""
        return docker("exec", self.container(service), "sh", "-c", script).strip()

    def health(self, service: str) -> str:
        """Return the result of a service's health check."""
        return docker("inspect", "--format", "{{.State.Health.Status}}", self.container(service)).strip()

    def remains(self) -> dict[str, list[str]]:
        """Return the existing containers, networks and volumes of the project."""
        kinds = {"container": ["--all"], "network": [], "volume": []}
        return {
            kind: docker(kind, "ls", "--quiet", *options, *self._labelled()).split() for kind, options in kinds.items()
        }

    def _labelled(self) -> list[str]:
        return _filter(f"com.docker.compose.project={PROJECT}")


def docker(*arguments: str | Path) -> str:
    """Run a command of docker and return what it printed."""
    return run(["docker", *arguments])


def _filter(label: str) -> list[str]:
    return ["--filter", f"label={label}"]
