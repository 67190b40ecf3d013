"""Settings of the console program."""

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PromptSettings(BaseSettings):
    """Settings from the environment, read once in `main`."""

    model_config = SettingsConfigDict(env_prefix="PROMPT_", frozen=True, validate_by_name=True)

    frontend_url: AnyHttpUrl = Field(default=AnyHttpUrl("http://127.0.0.1:8000"), validation_alias="FRONTEND_URL")
    timeout_s: float = Field(default=5.0, gt=0)
    """Timeout of a request, in seconds (`PROMPT_TIMEOUT_S`); longer than the frontend's own for echo and storage."""
