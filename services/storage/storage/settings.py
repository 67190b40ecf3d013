"""What can be set about the storage service."""

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_PASSWORD: Final = "only-on-this-laptop"  # noqa: S105 - no secret: docker-compose.yml has it for everyone
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class StorageSettings(BaseSettings):
    """Where the service listens. Read from the environment once, in `main`."""

    model_config = SettingsConfigDict(env_prefix="STORAGE_", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on (`STORAGE_HOST`). Loopback unless told otherwise; `0.0.0.0` in a container."""
    port: int = Field(default=8002, ge=0, le=65535)
    """Port to listen on (`STORAGE_PORT`)."""
    published_on: str = ""
    """In a container: the address outside that leads to it (`STORAGE_PUBLISHED_ON`). Empty: `host` itself."""

    @property
    def is_exposed(self) -> bool:
        """Whether other machines can reach the service."""
        return (self.published_on or self.host) not in _LOOPBACK


class MySQLSettings(BaseSettings):
    """Where the values are kept. Read from the environment once, in `main`."""

    model_config = SettingsConfigDict(env_prefix="MYSQL_", frozen=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: int = Field(default=3306, ge=1, le=65535)
    user: str = "mesh"
    password: SecretStr = SecretStr("")
    database: str = "mesh"
    """An existing database; the service makes its own table in it."""
    pool_size: int = Field(default=8, ge=1, le=32)
    """Connections held, and so the most requests that are served at once. 32 is the most that the connector allows."""
    timeout_s: int = Field(default=1, ge=1)
    """Patience with one connection attempt and with one statement, in whole seconds: the connector takes no others.

    A database that hangs is noticed after twice this time (a test of the pooled connection, then a new one), which must
    stay below the frontend's patience for its problem to name MySQL.
    """

    @property
    def has_development_password(self) -> bool:
        """Whether the password is the one that everyone has."""
        return self.password.get_secret_value() == DEVELOPMENT_PASSWORD

    @property
    def address(self) -> str:
        """Host and port, as error messages name them."""
        return f"{self.host}:{self.port}"
