"""Times, durations and URLs as text."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

_IDENTIFIER = re.compile(
    r"\d+|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)


def utc_text(time_ns: int) -> str:
    """Format a time in nanoseconds since the epoch as OpenCensus does, in UTC with microseconds."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{_second_text(seconds)}.{nanoseconds // 1000:06d}Z"


@lru_cache(maxsize=16)
def _second_text(seconds: int) -> str:
    """Format a time without its fraction. Each span needs two of these texts, mostly of the same one or two seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").removesuffix("+00:00")


def duration_text(duration_us: int) -> str:
    """Format a duration in microseconds as `d.hh:mm:ss.ffffff`; a negative duration as 0."""
    seconds, microseconds = divmod(max(duration_us, 0), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02d}:{minutes:02d}:{seconds:02d}.{microseconds:06d}"


def public_url(url: str | bytes) -> str:
    """Return the URL without credentials, query and fragment, which may contain secrets."""
    if isinstance(url, bytes):
        url = url.decode("utf-8", "replace")
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def path_template(path: str) -> str:
    """Replace numbers, UUIDs and long hexadecimal segments of a path by `{id}`.

    The client of a call does not have the server's route. This approximation limits the number of dependency names.
    """
    segments = path.split("/")
    return "/".join("{id}" if _IDENTIFIER.fullmatch(segment) else segment for segment in segments) or "/"
