"""Settings of the server: `insights serve` reads them once and passes them on.

They are a msgspec structure: pydantic would add 17 MB of memory and 0.1 s of start-up to an idle server.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta

_LOOPBACK = ("127.0.0.1", "::1", "localhost")

Port = Annotated[int, Meta(ge=0, le=65535)]


class SettingsError(ValueError):
    """At least one setting is invalid. The message names each of them."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is read from the environment variable `INSIGHTS_<NAME>`. Options of `insights serve` override some."""

    host: str = "127.0.0.1"
    """Address to listen on. Telemetry can contain personal data: bind other addresses than loopback deliberately."""

    port: Port = 8080
    """Port to listen on; 0: a free port."""

    published_on: str = ""
    """In a container: the host address on which the port is published. Controls the warning about the missing login."""

    tls_port: Port | None = None
    """Additional port for TLS; 0: a free port; empty: no TLS. Few SDKs require TLS."""

    tls_names: tuple[str, ...] = ()
    """Host names for the certificate, separated by commas, in addition to `localhost` and the machine's host name."""

    host_names: tuple[str, ...] = ()
    """Names in URLs of this server, separated by commas, in addition to loopback names, the host and `tls_names`.

    Requests for another host are rejected, except on ingestion endpoints: see `http.allowed_hosts`.
    """

    data_dir: Path = Path(".local/insights")
    """Directory of the store's file."""

    app_name: Annotated[str, Meta(min_length=1)] = "application"
    """Role of telemetry that has no role."""

    allowed_keys: frozenset[str] = frozenset()
    """Accepted instrumentation keys, separated by commas, compared without case; empty: every key is accepted."""

    keep_sdk_statistics: bool = False
    """Store the statistics that SDKs send about themselves, such as the number of items sent."""

    max_inflight_mb: Annotated[int, Meta(ge=16)] = 64
    """MiB of uncommitted telemetry in memory. Requests beyond it get 503 with `Retry-After`."""

    client_timeout_s: Annotated[float, Meta(gt=0)] = 30.0
    """Seconds after which a connection is closed whose client neither completes its request nor reads the response."""

    memory_limit_mb: Annotated[int, Meta(ge=64)] = 512
    """Memory limit of the store's engine, MiB. The process takes up to 300 MB more."""

    keep_days: Annotated[float, Meta(gt=0)] | None = None
    """Items that started earlier than this many days ago are deleted; empty: no limit."""

    max_store_mb: Annotated[int, Meta(ge=64)] | None = 4096
    """MiB of disk space for the data file and its log; the oldest items are deleted; empty: no limit."""

    query_timeout_s: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds after which a query is cancelled, and CPU time that one page may use in addition."""

    def __post_init__(self) -> None:
        """Convert keys to lower case (interface of msgspec)."""
        msgspec.structs.force_setattr(self, "allowed_keys", frozenset(key.lower() for key in self.allowed_keys))

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses at which the server can be reached."""
        return (self.host, self.published_on) if self.published_on else (self.host,)

    @property
    def max_store_bytes(self) -> int | None:
        """The limit of the store's size in bytes; None: no limit."""
        return None if self.max_store_mb is None else self.max_store_mb * 1024 * 1024

    @property
    def is_exposed(self) -> bool:
        """True if other machines can reach the server."""
        return (self.published_on or self.host) not in _LOOPBACK


def read_settings(environment: Mapping[str, str], options: Mapping[str, object]) -> Settings:
    """Return the settings of an environment, overridden by command line options that are not None.

    Raises:
        SettingsError: a value does not fit its field.
    """
    values: dict[str, Any] = {}
    errors: list[str] = []
    for field in msgspec.structs.fields(Settings):
        value = options.get(field.name)
        if value is None:
            value = environment.get(f"INSIGHTS_{field.name.upper()}")
        if value is None:
            continue
        try:
            values[field.name] = _convert(value, field.type)
        except msgspec.ValidationError as error:
            errors.append(f"{field.name}: invalid value {str(value)!r} ({error})")
    if errors:
        raise SettingsError("; ".join(errors))
    return Settings(**values)


def _convert(value: object, kind: Any) -> Any:  # noqa: ANN401 (any type of a field)
    """Convert a text to the type of a field. A comma separates the values of a collection; an empty text is None."""
    if value == "" and type(None) in get_args(kind):
        return None
    if get_origin(kind) in (tuple, frozenset) and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return msgspec.convert(value, kind, strict=False, dec_hook=_decode)


def _decode(kind: type, value: object) -> object:
    """Convert a value to a type that msgspec does not support, such as `Path` (interface of msgspec)."""
    return kind(value)
