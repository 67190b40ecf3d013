"""Parses values of SDKs (durations, times, ids, severities) into the units of the store."""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

MAX_DURATION_US = 1000 * 86_400 * 1_000_000 - 1
"""The limit of the schema: less than 1000 days. Longer durations are truncated to it."""
MAX_TIME_US = (2**63 - 1) // 1000
"""In April 2262: the last time that fits into 64 bits of nanoseconds since 1970."""
MAX_ITEM_COUNT = 1_000_000
"""The limit of `item_count`: a sampling rate below 0.0001 % is treated as an error."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(r"(-)?(?:(\d{1,9})[.:])?(\d{1,9}):(\d{1,9}):(\d{1,9})(?:\.(\d+))?", re.ASCII)
_SPAN_ID = re.compile(r"[0-9a-f]{8,32}")
_SEVERITIES = {"verbose": 0, "information": 1, "warning": 2, "error": 3, "critical": 4}


def finite_number(sent: object) -> float | None:
    """Return a finite number, or a text as a number; None for other values, NaN, infinity and booleans."""
    if isinstance(sent, bool) or not isinstance(sent, int | float | str):
        return None
    try:
        number = float(sent)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def duration_us(sent: str | float | None) -> int | None:
    """Return a duration in microseconds; None when it is missing.

    The format is `[d.|d:]hh:mm:ss[.f…]` with any number of digits in the decimal fraction: `.4`, `.40` and `.400` are
    400 ms. A number, also as text, is milliseconds. A negative duration becomes 0.

    Raises:
        ValueError: the value has neither format.
    """
    if sent is None or sent == "":
        return None
    if isinstance(sent, str) and (microseconds := _clock_us(sent)) is not None:
        return microseconds
    milliseconds = finite_number(sent)
    if milliseconds is None:
        message = f"duration: expected d.hh:mm:ss.fffffff or a number of milliseconds, got {str(sent)[:80]!r}"
        raise ValueError(message)
    return round(min(max(milliseconds, 0) * 1000, MAX_DURATION_US))


@lru_cache(maxsize=4096)
def _clock_us(sent: str) -> int | None:
    """Parse `[d.]hh:mm:ss[.f…]` into microseconds; None for another format. Rounded durations repeat: cached."""
    match = _DURATION.fullmatch(sent.strip())
    if match is None:
        return None
    negative, days, hours, minutes, seconds, fraction = match.groups()
    if negative:
        return 0
    microseconds = round(int(fraction[:9]) * 10 ** (6 - min(len(fraction), 9))) if fraction else 0
    whole_s = int(days or 0) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + int(seconds)
    return min(whole_s * 1_000_000 + microseconds, MAX_DURATION_US)


def time_us(time: datetime) -> int:
    """Return microseconds since the epoch. A time without zone is UTC: OpenCensus sends metrics without the `Z`.

    Raises:
        ValueError: the time is before 1970 or after April 2262. The year 1 is the default value of .NET.
    """
    since = (time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if not 0 <= microseconds <= MAX_TIME_US:
        message = f"time: expected a time between 1970 and 2262, got {time.isoformat()}"
        raise ValueError(message)
    return microseconds


def item_count(sample_rate: float | None) -> int:
    """Return the number of events that an item represents under sampling; `sample_rate` is in percent."""
    if sample_rate is None or not 0 < sample_rate < 100:  # noqa: PLR2004 (per cent)
        return 1
    return round(min(100 / sample_rate, MAX_ITEM_COUNT))


def span_id(sent: str) -> str:
    """Return the id of a span or parent in lower case; empty when it is all zeros, as for logs outside of any span.

    A hierarchical id of classic SDKs with a span id (`|trace.span.`) becomes the bare span id, which the other side of
    the call may send. Other hierarchical ids (`|root.1.2.`) keep their path, because the last number is not unique.

    Reference:
        "Hierarchical Request-Id", dotnet/runtime, System.Diagnostics.DiagnosticSource.
    """
    bare = sent.lower()
    if bare.startswith("|"):
        bare = bare[1:].rstrip("._")
        last = bare.rpartition(".")[2]
        if _SPAN_ID.fullmatch(last):
            bare = last
    return bare if bare.strip("0") else ""


def trace_id(sent: str, parent_id: str) -> str:
    """Return the id of an operation in lower case; empty when it is all zeros.

    A missing id is replaced by the root of a hierarchical parent id (`|root.span.`).
    """
    if not sent and parent_id.startswith("|"):
        sent = parent_id[1:].partition(".")[0]
    bare = sent.lower()
    return bare if bare.strip("0") else ""


def severity(sent: int | str | None) -> int | None:
    """Return a severity level of 0 to 4 from a number or a name in any case; None for other values."""
    if isinstance(sent, str):
        lower = sent.strip().lower()
        sent = int(lower) if lower in {"0", "1", "2", "3", "4"} else _SEVERITIES.get(lower)
    return sent if sent in _SEVERITIES.values() else None
