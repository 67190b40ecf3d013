"""Times, durations, values and URLs as text."""

import json
import math
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

_IDENTIFIER = re.compile(
    r"\d+|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)

_CONTAINERS = (Mapping, list, tuple, AbstractSet)
_MAX_JSON_LEVELS = 6


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


def safe_text(value: object) -> str:
    """Return `str(value)`, or the name of the type when that raises. Bytes are decoded as UTF-8.

    Values and exceptions of the application can have a `__str__` that raises.
    """
    if type(value) is str:
        return value
    try:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    except Exception:  # noqa: BLE001, code of the application can raise anything
        return type(value).__name__


def property_text(value: object) -> str:
    """Return the text of a custom dimension: JSON for mappings, lists, tuples and sets, otherwise `safe_text`.

    Queries of Application Insights read JSON in a dimension (`todynamic`), but not the text that Python prints. Parts
    that JSON lacks, such as NaN, and those below six levels become texts. It does not raise.
    """
    if not isinstance(value, _CONTAINERS):
        return safe_text(value)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except Exception:  # noqa: BLE001, code of the application can raise anything
        try:
            return json.dumps(_plain(value, _MAX_JSON_LEVELS), ensure_ascii=False)
        except Exception:  # noqa: BLE001
            return safe_text(value)


def _plain(value: object, levels: int) -> object:
    """Return a copy of a value that consists of dictionaries, lists and values of JSON."""
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if levels and isinstance(value, Mapping):
        return {safe_text(key): _plain(value[key], levels - 1) for key in value}
    if levels and isinstance(value, _CONTAINERS):
        return [_plain(item, levels - 1) for item in value]
    return safe_text(value)


def split_url(url: str) -> SplitResult:
    """Split a URL as `urlsplit` does, but accept a URL with an invalid host, such as `http://[::1`."""
    try:
        return urlsplit(url)
    except ValueError:
        url, _, fragment = url.partition("#")
        url, _, query = url.partition("?")
        scheme, _, rest = url.partition("//")
        netloc, slash, path = rest.partition("/")
        return SplitResult(scheme.removesuffix(":"), netloc, f"{slash}{path}", query, fragment)


def public_url(url: object) -> str:
    """Return the URL without credentials, query and fragment, which may contain secrets. A malformed URL is accepted.

    Args:
        url: Text or bytes. Any other value is converted to text.
    """
    parts = split_url(safe_text(url))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def path_template(path: str) -> str:
    """Replace numbers, UUIDs and long hexadecimal segments of a path by `{id}`.

    The client of a call does not have the server's route. This approximation limits the number of dependency names.
    """
    segments = path.split("/")
    return "/".join("{id}" if _IDENTIFIER.fullmatch(segment) else segment for segment in segments) or "/"
