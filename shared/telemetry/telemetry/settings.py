"""Settings of `Telemetry`: typed, validated and immutable."""

import json
import os
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from telemetry._internal.connection_string import (
    LOCAL_INSTRUMENTATION_KEY,
    Connection,
    local_connection,
    parse_connection_string,
)

__all__ = ["TelemetrySettings"]

_LOCAL = "local"
_METRICS_INTERVAL_S = 60.0
_LOCAL_METRICS_INTERVAL_S = 5.0


def _storage_dir() -> Path:
    return Path(tempfile.gettempdir()) / f"telemetry-{os.getuid()}"


class TelemetrySettings(BaseSettings):
    """Settings of `Telemetry`, from arguments or from environment variables (`TELEMETRY_...`).

    Raises:
        pydantic.ValidationError: A value is out of range, or a connection string is invalid. The message does not
            contain the value, because the value may contain a key.
    """

    model_config = SettingsConfigDict(
        env_prefix="TELEMETRY_", frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True
    )

    role: Annotated[str, Field(min_length=1, max_length=256)]
    """The name of the service: its node on the Application Map."""
    role_instance: Annotated[str, Field(max_length=256)] = ""
    """Identifies one process of the role. Empty: host name and process id, after a fork those of the child process."""
    connection_string: Annotated[
        str,
        Field(
            repr=False,
            validation_alias=AliasChoices("connection_string", "APPLICATIONINSIGHTS_CONNECTION_STRING"),
        ),
    ] = ""
    """The destination of telemetry. Empty: Local Insights on this machine."""
    also_send_to: Annotated[tuple[str, ...], NoDecode, Field(repr=False)] = ()
    """Further destinations of the same telemetry: connection strings, or `local` for Local Insights on this machine.

    In the environment, one per line or a JSON list. Each destination has its own queue, thread and folder, so that one
    that is unavailable does not affect the others.
    """
    insights_port: Annotated[
        int, Field(ge=1, le=65535, validation_alias=AliasChoices("insights_port", "INSIGHTS_PORT"))
    ] = 8080
    """Port of Local Insights on this machine."""
    sampling_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """Share of new traces that are recorded, from 0 to 1. The decision in a caller's trace context has priority."""
    export_interval_s: Annotated[float, Field(gt=0.0, le=60.0)] = 0.5
    """Longest time in seconds before an item is sent."""
    retry_interval_s: Annotated[float, Field(gt=0.0, le=600.0)] = 1.0
    """Shortest time in seconds between a failed request and the next one."""
    metrics_interval_s: Annotated[float | None, Field(ge=0.0, le=3600.0)] = None
    """Interval of metric reports in seconds; 0 disables metrics.

    The default is 60 s; or 5 s when all destinations have the key of Local Insights (all zeros), where metrics cost
    nothing and are watched live.
    """
    storage_dir: Path = Field(default_factory=_storage_dir)
    """Folder for undelivered items. Each role has its own subfolders, which other users cannot read.

    A subfolder has at most 50 MiB and items of 7 days. Beyond that the oldest are dropped, and their number is logged.
    """
    database_error_text: bool = False
    """Record the error texts of a database server. They quote values of the statement, which users may have entered. By
    default only the error's number, class and SQLSTATE are recorded."""
    console: bool = False
    """Also print every span (`SpanData`) to standard output."""

    @field_validator("connection_string")
    @classmethod
    def _check_connection_string(cls, value: str) -> str:
        if value.strip():
            parse_connection_string(value)
        return value.strip()

    @field_validator("also_send_to", mode="before")
    @classmethod
    def _split_destinations(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        # A connection string contains semicolons, and may contain commas and spaces.
        return json.loads(value) if value.lstrip().startswith("[") else value.splitlines()

    @field_validator("also_send_to")
    @classmethod
    def _check_destinations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        destinations = tuple(destination.strip() for destination in value if destination.strip())
        for destination in destinations:
            if destination != _LOCAL:
                parse_connection_string(destination)
        return destinations

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The parsed destinations without duplicates."""
        destinations = (self.connection_string or _LOCAL, *self.also_send_to)
        local = local_connection(self.insights_port)
        found = (local if text == _LOCAL else parse_connection_string(text) for text in destinations)
        return tuple(dict.fromkeys(found))

    @property
    def metrics_period_s(self) -> float:
        """The effective interval of metric reports in seconds; 0 when metrics are disabled."""
        if self.metrics_interval_s is not None:
            return self.metrics_interval_s
        local = all(connection.instrumentation_key == LOCAL_INSTRUMENTATION_KEY for connection in self.connections)
        return _LOCAL_METRICS_INTERVAL_S if local else _METRICS_INTERVAL_S
