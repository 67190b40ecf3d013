"""Settings of the echo service."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EchoSettings(BaseSettings):
    """Settings from the environment, read once in `main`."""

    model_config = SettingsConfigDict(env_prefix="ECHO_", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on (`ECHO_HOST`): loopback by default, `0.0.0.0` in a container."""
    port: int = Field(default=8001, ge=0, le=65535)
    """Port to listen on (`ECHO_PORT`)."""
    host_names: str = ""
    """Further names under which clients reach the service, separated by commas (`ECHO_HOST_NAMES`)."""
