"""Settings of the frontend service."""

from typing import Annotated

from pydantic import AnyHttpUrl, BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FrontendSettings(BaseSettings):
    """Settings from the environment, read once in `main`."""

    model_config = SettingsConfigDict(env_prefix="FRONTEND_", frozen=True, validate_by_name=True)

    host: str = "127.0.0.1"
    """Address to listen on (`FRONTEND_HOST`): loopback by default, `0.0.0.0` in a container."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on (`FRONTEND_PORT`)."""
    host_names: str = ""
    """Further names under which clients reach the service, separated by commas (`FRONTEND_HOST_NAMES`)."""
    echo_url: AnyHttpUrl = Field(default=AnyHttpUrl("http://127.0.0.1:8001"), validation_alias="ECHO_URL")
    storage_url: AnyHttpUrl = Field(default=AnyHttpUrl("http://127.0.0.1:8002"), validation_alias="STORAGE_URL")
    insights_url: Annotated[AnyHttpUrl | None, BeforeValidator(lambda url: url or None)] = Field(
        default=AnyHttpUrl("http://127.0.0.1:8080"), validation_alias="INSIGHTS_URL"
    )
    """The portal, as a browser reaches it (`INSIGHTS_URL`); links to transactions start with it.

    Without it, or when telemetry is sent only to Azure, there are operation ids without links.
    """
    echo_timeout_s: float = Field(default=1.0, gt=0)
    """Timeout of calls to echo, in seconds (`FRONTEND_ECHO_TIMEOUT_S`)."""
    deadline_s: float = Field(default=2.5, gt=0)
    """Timeout of all calls of one request together, in seconds (`FRONTEND_DEADLINE_S`).

    Longer than the 2 s in which storage detects an unresponsive MySQL, so that the problem names MySQL; short enough
    for a response within 3 s.
    """
