"""Settings of the server: `insights serve` reads them once and passes them on."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """Each field is read from the environment variable `INSIGHTS_<NAME>`. Options of `insights serve` override some."""

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """Address to listen on. Telemetry can contain personal data: bind other addresses than loopback deliberately."""

    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0: a free port."""

    published_on: str = ""
    """In a container: the host address on which the port is published. Controls the warning about the missing login."""

    tls_port: int | None = Field(default=None, ge=0, le=65535)
    """Additional port for TLS; 0: a free port; empty: no TLS. Few SDKs require TLS."""

    tls_names: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names for the certificate, separated by commas, in addition to `localhost` and the machine's host name."""

    data_dir: Path = Path(".local/insights")
    """Directory of the store's file."""

    app_name: str = Field(default="application", min_length=1)
    """Role of telemetry that has no role."""

    allowed_keys: Annotated[frozenset[str], NoDecode] = frozenset()
    """Accepted instrumentation keys, separated by commas; empty: every key is accepted."""

    keep_sdk_statistics: bool = False
    """Store the statistics that SDKs send about themselves, such as the number of items sent."""

    max_inflight_mb: int = Field(default=64, ge=16)
    """MiB of uncommitted telemetry in memory. Requests beyond it get 503 with `Retry-After`."""

    memory_limit_mb: int = Field(default=512, ge=64)
    """Memory limit of the store's engine, MiB."""

    keep_days: float | None = Field(default=None, gt=0)
    """Items that started earlier than this many days ago are deleted; empty: no limit."""

    max_store_mb: int | None = Field(default=4096, ge=64)
    """When stored items take more MiB on disk, the oldest are deleted; empty: no limit."""

    query_timeout_s: float = Field(default=10.0, gt=0)
    """Seconds after which a query is cancelled."""

    @property
    def is_exposed(self) -> bool:
        """True if other machines can reach the server."""
        return (self.published_on or self.host) not in _LOOPBACK

    @field_validator("allowed_keys", "tls_names", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Split a text at commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_keys")
    @classmethod
    def _in_lower_case(cls, keys: frozenset[str]) -> frozenset[str]:
        """Convert keys to lower case; keys are compared without case."""
        return frozenset(key.lower() for key in keys)

    @field_validator("tls_port", "keep_days", "max_store_mb", mode="before")
    @classmethod
    def _none_when_empty(cls, value: object) -> object:
        return None if value == "" else value
