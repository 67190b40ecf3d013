"""URLs as telemetry may show them: without secrets, and alike for calls that are alike."""

import re
from urllib.parse import urlsplit, urlunsplit

_IDENTIFIER = re.compile(
    r"\d+|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)


def public_url(url: str | bytes) -> str:
    """The URL without credentials, query and fragment: those are where secrets travel."""
    if isinstance(url, bytes):
        url = url.decode("utf-8", "replace")
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def path_template(path: str) -> str:
    """The path with numbers, UUIDs and long hexadecimal segments as `{id}`, so that alike calls share one name.

    A caller does not know the route of the one it calls; this guess keeps the names of dependencies few.
    """
    segments = path.split("/")
    return "/".join("{id}" if _IDENTIFIER.fullmatch(segment) else segment for segment in segments) or "/"
