"""Settings of the server: read once, in `insights serve`, then handed on."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """Each field is read from the environment variable `INSIGHTS_<NAME>`; `insights serve` can override some."""

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """Address to listen on. Telemetry holds what applications put into it: leave the loopback only on purpose."""

    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""

    published_on: str = ""
    """In a container: the address outside that leads to the port. Decides on the warning that there is no login."""

    tls_port: int | None = Field(default=None, ge=0, le=65535)
    """Port for TLS, beside the other; 0 takes a free one. Off when empty: few senders insist on TLS."""

    tls_names: Annotated[tuple[str, ...], NoDecode] = ()
    """Names, separated by commas, that senders call the server by, beside `localhost` and the machine's own."""

    data_dir: Path = Path(".local/insights")
    """Directory of the store's file."""

    app_name: str = Field(default="application", min_length=1)
    """The role of telemetry that names none."""

    allowed_keys: Annotated[frozenset[str], NoDecode] = frozenset()
    """Instrumentation keys, separated by commas, whose telemetry is taken; that of any application when empty."""

    keep_sdk_statistics: bool = False
    """Whether to keep what SDKs report about themselves, such as how many items they sent."""

    max_inflight_mb: int = Field(default=64, ge=16)
    """How much telemetry may be in memory until it is committed; senders of more are asked to wait."""

    memory_limit_mb: int = Field(default=512, ge=64)
    """What the store may hold in memory."""

    keep_days: float | None = Field(default=None, gt=0)
    """Items that began longer ago are removed; none for their age when empty."""

    max_store_mb: int | None = Field(default=4096, ge=64)
    """When stored items take more disk space, the oldest are removed; none for their size when empty."""

    query_timeout_s: float = Field(default=10.0, gt=0)
    """How long the store may think about one question."""

    @property
    def is_exposed(self) -> bool:
        """Whether other machines can reach the server."""
        return (self.published_on or self.host) not in _LOOPBACK

    @field_validator("allowed_keys", "tls_names", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        """Several values from one text, told apart by commas."""
        return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given

    @field_validator("allowed_keys")
    @classmethod
    def _in_lower_case(cls, keys: frozenset[str]) -> frozenset[str]:
        """The case of a key does not matter."""
        return frozenset(key.lower() for key in keys)

    @field_validator("tls_port", "keep_days", "max_store_mb", mode="before")
    @classmethod
    def _none_when_empty(cls, given: object) -> object:
        return None if given == "" else given
