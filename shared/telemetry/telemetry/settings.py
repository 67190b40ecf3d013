"""What a service says about its telemetry: read once, typed, frozen."""

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

_LOCAL = "local"
_METRICS_INTERVAL_S = 60.0
_LOCAL_METRICS_INTERVAL_S = 5.0


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
    role_instance: Annotated[str, Field(max_length=256)] = ""
    """Tells one process of the role from another. Empty: host name and process id, those of the child after a fork."""
    connection_string: Annotated[
        str,
        Field(
            repr=False,
            validation_alias=AliasChoices("connection_string", "APPLICATIONINSIGHTS_CONNECTION_STRING"),
        ),
    ] = ""
    """Where telemetry goes. Empty: to the local Application Insights on this machine."""
    also_send_to: Annotated[tuple[str, ...], NoDecode, Field(repr=False)] = ()
    """Where the same telemetry goes as well: connection strings, or `local` for the local Application Insights.

    In the environment one a line, or a JSON list. Each place has its own queue, thread and folder: one that is away
    neither slows nor costs the others anything.
    """
    insights_port: Annotated[
        int, Field(ge=1, le=65535, validation_alias=AliasChoices("insights_port", "INSIGHTS_PORT"))
    ] = 8080
    """Port of the local Application Insights."""
    sampling_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """Share of new traces that are recorded. A caller's decision, sent along with its trace context, always wins."""
    export_interval_s: Annotated[float, Field(gt=0.0, le=60.0)] = 0.5
    """How long an item waits at most before it is sent."""
    retry_interval_s: Annotated[float, Field(gt=0.0, le=600.0)] = 1.0
    """How long to wait after a failed delivery before the next attempt."""
    metrics_interval_s: Annotated[float | None, Field(ge=0.0, le=3600.0)] = None
    """How often metrics are sent; 0 turns them off.

    By default 60 s; 5 s when all telemetry goes to a local Application Insights (the key of zeros), where nobody pays
    for them and someone is watching.
    """
    storage_dir: Path = Field(default_factory=_storage_dir)
    """Where undelivered items wait; each role has folders of its own in it, closed to other users."""
    database_error_text: bool = False
    """Record what a database says of an error word for word. It quotes values of the statement, which users may have
    entered; otherwise its number, class and SQLSTATE are recorded."""
    console: bool = False
    """Print every span (`SpanData`) to standard output as well."""

    @field_validator("connection_string")
    @classmethod
    def _check_connection_string(cls, value: str) -> str:
        if value.strip():
            parse_connection_string(value)
        return value.strip()

    @field_validator("also_send_to", mode="before")
    @classmethod
    def _split_places(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        # A connection string holds semicolons, and may hold commas and blanks.
        return json.loads(value) if value.lstrip().startswith("[") else value.splitlines()

    @field_validator("also_send_to")
    @classmethod
    def _check_places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        places = tuple(place.strip() for place in value if place.strip())
        for place in places:
            if place != _LOCAL:
                parse_connection_string(place)
        return places

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Where telemetry goes, taken apart; each place once."""
        places = (self.connection_string or _LOCAL, *self.also_send_to)
        local = local_connection(self.insights_port)
        found = (local if place == _LOCAL else parse_connection_string(place) for place in places)
        return tuple(dict.fromkeys(found))

    @property
    def metrics_period_s(self) -> float:
        """How often metrics are sent, in seconds; 0 when they are not."""
        if self.metrics_interval_s is not None:
            return self.metrics_interval_s
        local = all(place.instrumentation_key == LOCAL_INSTRUMENTATION_KEY for place in self.connections)
        return _LOCAL_METRICS_INTERVAL_S if local else _METRICS_INTERVAL_S
