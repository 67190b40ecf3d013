"""The Application Insights connection string: where telemetry goes, and under which key."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_KEY_PATTERN = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
_GLOBAL_INGESTION_ENDPOINT = "https://dc.services.visualstudio.com"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_AZURE_DOMAINS = (".azure.com", ".azure.us", ".azure.cn", ".applicationinsights.us", ".visualstudio.com")
_EXAMPLE = "InstrumentationKey=<uuid>;IngestionEndpoint=https://<host>"

LOCAL_INSTRUMENTATION_KEY = "00000000-0000-0000-0000-000000000000"


class ConnectionStringError(ValueError):
    """The connection string cannot be used. The message names the part, never the instrumentation key."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection string, taken apart. Endpoints have no trailing slash."""

    instrumentation_key: str = field(repr=False)
    ingestion_endpoint: str

    @property
    def is_loopback(self) -> bool:
        """Whether the endpoint is on this machine."""
        return urlsplit(self.ingestion_endpoint).hostname in _LOOPBACK

    @property
    def is_azure(self) -> bool:
        """Whether telemetry goes to Azure, whose portal has no address that an operation id would complete."""
        return (urlsplit(self.ingestion_endpoint).hostname or "").endswith(_AZURE_DOMAINS)

    def __str__(self) -> str:
        """The form that OpenCensus reads without error, key included."""
        return f"InstrumentationKey={self.instrumentation_key};IngestionEndpoint={self.ingestion_endpoint}"


def local_connection(port: int) -> Connection:
    """The local Application Insights on this machine."""
    return Connection(LOCAL_INSTRUMENTATION_KEY, f"http://127.0.0.1:{port}")


def parse_connection_string(text: str) -> Connection:
    """Take a connection string apart, as leniently as the other SDKs of Application Insights do.

    Names are case-insensitive; blanks, empty parts (a trailing semicolon) and unknown names are ignored; a value may
    contain `=`. Without `IngestionEndpoint`, `EndpointSuffix` and `Location` make up the address, and without those it
    is the global one of Azure.

    Raises:
        ConnectionStringError: No key, a key that is not a UUID, an authorization other than `ikey`, or an endpoint that
            is not an HTTP address.
    """
    pairs = [part.partition("=") for part in text.split(";")]
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    key = values.get("instrumentationkey", "").lower()
    if not key:
        names = ", ".join(sorted(name.strip() for name, equals, _ in pairs if equals)) or "no name=value pair"
        message = f"expected {_EXAMPLE}, but InstrumentationKey is missing or empty (found: {names})"
        raise ConnectionStringError(message)
    if not _KEY_PATTERN.fullmatch(key):
        message = (
            f"InstrumentationKey is not a UUID of the form 8-4-4-4-12 hexadecimal digits (it has {len(key)} characters)"
        )
        raise ConnectionStringError(message)
    authorization = values.get("authorization", "ikey")
    if authorization.lower() != "ikey":
        message = f"Authorization={authorization} is not supported, only Authorization=ikey is"
        raise ConnectionStringError(message)
    return Connection(key, _ingestion_endpoint(values))


def _ingestion_endpoint(values: dict[str, str]) -> str:
    endpoint = values.get("ingestionendpoint", "")
    suffix = values.get("endpointsuffix", "")
    if not endpoint and suffix:
        location = values.get("location", "")
        endpoint = f"https://{location}.dc.{suffix}" if location else f"https://dc.{suffix}"
    endpoint = (endpoint or _GLOBAL_INGESTION_ENDPOINT).rstrip("/")
    address = urlsplit(endpoint)
    if address.scheme not in {"http", "https"} or not address.hostname:
        message = f"IngestionEndpoint must be an address like https://<host>, not {endpoint!r}"
        raise ConnectionStringError(message)
    return endpoint
