"""Settings of the server: read once, in `insights serve`, then handed on."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is read from the environment variable `INSIGHTS_<NAME>`; `insights serve` can override some."""

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """Address to listen on. Telemetry holds what applications put into it: leave the loopback only on purpose."""

    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""

    data_dir: Path = Path(".local/insights")
    """Directory of the store's file."""

    app_name: str = Field(default="application", min_length=1)
    """The role of telemetry that names none."""

    max_body_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """The largest body of telemetry that is read, as sent and as expanded. SDKs send a few hundred KB."""

    memory_limit_mb: int = Field(default=512, ge=64)
    """What the store may hold in memory."""

    question_limit_s: float = Field(default=10.0, gt=0)
    """How long the store may think about one question."""
