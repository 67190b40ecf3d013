"""Settings of the mesh on this machine, from the environment."""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from running.errors import RunningError

PROJECT_DIR = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """Ports, state directory and database, each from the environment variable of the field's name in upper case.

    An empty variable counts as unset.
    """

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    frontend_port: Port = 8000
    echo_port: Port = 8001
    storage_port: Port = 8002
    insights_port: Port = 8080
    local_dir: Path = PROJECT_DIR / ".local"
    """The state directory: logs, telemetry, the database, sockets."""
    mysql_host: str = ""
    """An existing database server. Empty: a private one is started on the loopback interface."""
    mysql_port: Port = 3306
    mysql_user: str = "mesh"
    mysql_password: SecretStr = SecretStr("")
    mysql_database: str = "mesh"
    applicationinsights_connection_string: SecretStr = SecretStr("")
    """The target of the mesh's telemetry. Empty: Local Insights."""
    start_seconds: Annotated[int, Field(ge=1)] = 5
    """A program that ends within this time failed to start, in seconds."""
    start_retries: Annotated[int, Field(ge=0)] = 2
    """Further attempts to start a program that failed to start. The pause grows by 1 s with each."""
    traffic_s: Annotated[float, Field(gt=0)] = 60
    """Duration of `make traffic`, in seconds."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment.

        Raises:
            RunningError: A variable has an invalid value.
        """
        try:
            return cls()
        except ValidationError as error:
            faults = "; ".join(f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            message = f"Invalid setting in the environment. {faults}."
            raise RunningError(message) from None

    def require_temporary_directory(self) -> None:
        """Check the directory for temporary files: MariaDB's error for a missing one does not name it.

        Raises:
            RunningError: `TMPDIR` is no directory that can be written.
        """
        directory = os.environ.get("TMPDIR")
        if directory and not os.access(directory, os.W_OK | os.X_OK):
            message = f"TMPDIR is {directory}, which is no directory that can be written. Set or unset it."
            raise RunningError(message)

    @property
    def state_dir(self) -> Path:
        """The state directory, absolute."""
        return self.local_dir.expanduser().absolute()

    @property
    def has_private_database(self) -> bool:
        """True if a private database server is started."""
        return not self.mysql_host

    @property
    def reports_to_local_insights(self) -> bool:
        """True if the mesh's telemetry is sent to its own Local Insights."""
        return not self.applicationinsights_connection_string.get_secret_value()

    @property
    def ports(self) -> dict[str, int]:
        """The port of every program; the variable `<NAME>_PORT` changes it."""
        ports = {
            "frontend": self.frontend_port,
            "echo": self.echo_port,
            "storage": self.storage_port,
            "insights": self.insights_port,
        }
        return ports | ({"mysql": self.mysql_port} if self.has_private_database else {})

    def url(self, service: str) -> str:
        """Return the base URL of a service, without a trailing slash."""
        return f"http://{LOOPBACK}:{self.ports[service]}"

    def environment(self, mysql_password: str) -> dict[str, str]:
        """Return the environment of every program: that of the caller, and the settings that the programs read."""
        unproxied = [os.environ.get("NO_PROXY", os.environ.get("no_proxy", "")), LOOPBACK, "localhost"]
        no_proxy = ",".join(filter(None, unproxied))
        return os.environ | {
            "PATH": os.pathsep.join([str(PROJECT_DIR / ".venv" / "bin"), os.environ.get("PATH", os.defpath)]),
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "LOCAL_DIR": str(self.state_dir),
            "PYTHONUTF8": "1",  # paths of packages may have any characters, also with LC_ALL=C
            "START_SECONDS": str(self.start_seconds),
            "START_RETRIES": str(self.start_retries),
            **{f"{service.upper()}_PORT": str(port) for service, port in self.ports.items()},
            **{f"{service.upper()}_URL": self.url(service) for service in ("frontend", "echo", "storage")},
            "INSIGHTS_URL": self.url("insights") if self.reports_to_local_insights else "",  # links to transactions
            "APPLICATIONINSIGHTS_CONNECTION_STRING": self.applicationinsights_connection_string.get_secret_value(),
            "TELEMETRY_STORAGE_DIR": str(self.state_dir / "undelivered"),
            "INSIGHTS_DATA_DIR": str(self.state_dir / "insights"),
            "MYSQL_HOST": self.mysql_host or LOOPBACK,
            "MYSQL_PORT": str(self.mysql_port),
            "MYSQL_USER": self.mysql_user,
            "MYSQL_PASSWORD": mysql_password,
            "MYSQL_DATABASE": self.mysql_database,
        }
