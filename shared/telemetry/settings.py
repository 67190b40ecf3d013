"""What a service says about its telemetry: read once, typed, frozen."""

import os
import platform
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from telemetry.connection import Connection, local_connection, parse_connection_string


def _role_instance() -> str:
    return f"{platform.node()}-{os.getpid()}"


def _storage_dir() -> Path:
    return Path(tempfile.gettempdir()) / f"telemetry-{os.getuid()}"


class TelemetrySettings(BaseSettings):
    """Settings of `Telemetry`, from arguments or from the environment (`TELEMETRY_...`).

    Raises:
        pydantic.ValidationError: A value is out of range, or the connection string cannot be used. The message does not
            repeat the value, because the value may hold a key.
    """

    model_config = SettingsConfigDict(
        env_prefix="TELEMETRY_", frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True
    )

    role: Annotated[str, Field(min_length=1, max_length=256)]
    """The service's name: its node on the Application Map."""
    role_instance: Annotated[str, Field(min_length=1, max_length=256)] = Field(default_factory=_role_instance)
    """Tells one process of the role from another; host name and process id by default."""
    connection_string: Annotated[
        str,
        Field(
            repr=False,
            validation_alias=AliasChoices("connection_string", "APPLICATIONINSIGHTS_CONNECTION_STRING"),
        ),
    ] = ""
    """Where telemetry goes. Empty: to the local Application Insights on this machine."""
    insights_port: Annotated[
        int, Field(ge=1, le=65535, validation_alias=AliasChoices("insights_port", "INSIGHTS_PORT"))
    ] = 8080
    """Port of the local Application Insights; used when there is no connection string."""
    sampling_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """Share of new traces that are recorded. A caller's decision, sent along with its trace context, always wins."""
    export_interval_s: Annotated[float, Field(gt=0.0, le=60.0)] = 0.5
    """How long an item waits at most before it is sent."""
    retry_interval_s: Annotated[float, Field(gt=0.0, le=600.0)] = 1.0
    """How long to wait after a failed delivery before the next attempt."""
    storage_dir: Path = Field(default_factory=_storage_dir)
    """Where undelivered items wait; each role has a folder of its own in it, closed to other users."""
    console: bool = False
    """Print every span (`SpanData`) to standard output as well."""

    @field_validator("connection_string")
    @classmethod
    def _check_connection_string(cls, value: str) -> str:
        if value.strip():
            parse_connection_string(value)
        return value.strip()

    @property
    def connection(self) -> Connection:
        """The connection string taken apart, or the local default when it is empty."""
        if self.connection_string:
            return parse_connection_string(self.connection_string)
        return local_connection(self.insights_port)
