"""What can be set about the console program."""

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PromptSettings(BaseSettings):
    """Read from the environment once, in `main`."""

    model_config = SettingsConfigDict(env_prefix="PROMPT_", frozen=True, validate_by_name=True)

    frontend_url: AnyHttpUrl = Field(default=AnyHttpUrl("http://127.0.0.1:8000"), validation_alias="FRONTEND_URL")
    timeout_s: float = Field(default=5.0, gt=0)
    """Patience with the frontend, in seconds (`PROMPT_TIMEOUT_S`); longer than its own with echo and storage."""
