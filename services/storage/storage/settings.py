"""Settings of the storage service."""

import logging
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_PASSWORD: Final = "only-on-this-laptop"  # noqa: S105 - public: docker-compose.yml contains it
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

logger = logging.getLogger(__name__)


class StorageSettings(BaseSettings):
    """The address to listen on, from the environment."""

    model_config = SettingsConfigDict(env_prefix="STORAGE_", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on (`STORAGE_HOST`): loopback by default, `0.0.0.0` in a container."""
    port: int = Field(default=8002, ge=0, le=65535)
    """Port to listen on (`STORAGE_PORT`)."""
    host_names: str = ""
    """Further names under which clients reach the service, separated by commas (`STORAGE_HOST_NAMES`)."""
    published_on: str = ""
    """In a container, the address of the machine that is forwarded to it (`STORAGE_PUBLISHED_ON`). Empty: `host`."""

    @property
    def is_exposed(self) -> bool:
        """True if other machines can reach the service."""
        return (self.published_on or self.host) not in _LOOPBACK


class MySQLSettings(BaseSettings):
    """The database, from the environment."""

    model_config = SettingsConfigDict(env_prefix="MYSQL_", frozen=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: int = Field(default=3306, ge=1, le=65535)
    user: str = "mesh"
    password: SecretStr = SecretStr("")
    database: str = "mesh"
    """An existing database; the service creates its own table in it."""
    pool_size: int = Field(default=8, ge=1, le=32)
    """Connections of the pool, and the maximum of concurrent requests. 32 is the connector's maximum."""
    timeout_s: int = Field(default=1, ge=1)
    """Timeout of one connection attempt and of one statement, in seconds. The connector takes whole seconds only.

    An unresponsive database is detected after twice this time (a test of the pooled connection, then a new one). That
    must be shorter than the frontend's timeout, or its problem does not name MySQL.
    """

    @property
    def has_development_password(self) -> bool:
        """True if the password is the public one of docker-compose.yml."""
        return self.password.get_secret_value() == DEVELOPMENT_PASSWORD

    @property
    def address(self) -> str:
        """Host and port, for error messages."""
        return f"{self.host}:{self.port}"


def warn_of_exposure(settings: StorageSettings, mysql: MySQLSettings) -> None:
    """Log a warning if other machines can reach the service while MySQL has the development password."""
    if settings.is_exposed and mysql.has_development_password:
        logger.warning(
            "STORAGE IS REACHABLE FROM OTHER MACHINES (%s) AND MYSQL HAS THE DEVELOPMENT PASSWORD, which is public: "
            "set MYSQL_PASSWORD, and remove the database's volume, which still has the old one",
            settings.published_on or settings.host,
        )
