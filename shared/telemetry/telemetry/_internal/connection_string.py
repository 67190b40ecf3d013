"""The connection string of Application Insights: ingestion endpoint and instrumentation key."""

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
    """The connection string is invalid. The message names the invalid part and never contains the key."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A parsed connection string. The endpoint has no trailing slash."""

    instrumentation_key: str = field(repr=False)
    ingestion_endpoint: str

    @property
    def is_loopback(self) -> bool:
        """True when the endpoint is on this machine."""
        return urlsplit(self.ingestion_endpoint).hostname in _LOOPBACK

    @property
    def is_azure(self) -> bool:
        """True when the endpoint belongs to Azure, whose portal has no URL that contains only an operation id."""
        return (urlsplit(self.ingestion_endpoint).hostname or "").endswith(_AZURE_DOMAINS)

    def __str__(self) -> str:
        """Return a spelling that OpenCensus accepts, with the key."""
        return f"InstrumentationKey={self.instrumentation_key};IngestionEndpoint={self.ingestion_endpoint}"


def local_connection(port: int) -> Connection:
    """Return the connection to Local Insights on this machine."""
    return Connection(LOCAL_INSTRUMENTATION_KEY, f"http://127.0.0.1:{port}")


def parse_connection_string(text: str) -> Connection:
    """Parse a connection string with the tolerance of the other Application Insights SDKs.

    Names are case-insensitive. Spaces, empty parts (a trailing semicolon) and unknown names are ignored. A value may
    contain `=`. Without `IngestionEndpoint` the endpoint is built from `EndpointSuffix` and `Location`; without those
    it is Azure's global endpoint.

    Raises:
        ConnectionStringError: There is no key, the key is not a UUID, the authorization is not `ikey`, or the endpoint
            is not an HTTP URL.
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
        message = f"Authorization={authorization} is not supported; expected Authorization=ikey"
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
        message = f"IngestionEndpoint must be a URL such as https://<host>, got {endpoint!r}"
        raise ConnectionStringError(message)
    return endpoint
