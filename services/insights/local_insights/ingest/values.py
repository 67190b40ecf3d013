"""Values as SDKs write them, read into the units of the store."""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

MAX_DURATION_US = 1000 * 86_400 * 1_000_000 - 1
"""The schema's limit: less than a thousand days."""
MAX_TIME_US = (2**63 - 1) // 1000
"""In April 2262: the last time that can be told in nanoseconds since 1970."""
MAX_ITEM_COUNT = 1_000_000
"""A sampling rate below 0.0001 % is taken for a mistake."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(r"(-)?(?:(\d{1,9})[.:])?(\d{1,9}):(\d{1,9}):(\d{1,9})(?:\.(\d+))?", re.ASCII)
_SPAN_ID = re.compile(r"[0-9a-f]{8,32}")
_SEVERITIES = {"verbose": 0, "information": 1, "warning": 2, "error": 3, "critical": 4}


def finite_number(sent: object) -> float | None:
    """A number, or a text that is one; None for anything else, for what is not finite, and for true and false."""
    if isinstance(sent, bool) or not isinstance(sent, int | float | str):
        return None
    try:
        number = float(sent)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def duration_us(sent: str | float | None) -> int | None:
    """Microseconds of a duration; None when none was sent.

    `[d.|d:]hh:mm:ss[.f…]` with any number of digits, read as a decimal fraction: `.4`, `.40` and `.400` are 400 ms.
    A bare number, or a text that is one, is milliseconds. A negative duration is no duration: 0.

    Raises:
        ValueError: it is neither.
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
    """Microseconds of `[d.]hh:mm:ss[.f…]`; None when it has another form. SDKs that round to 1 ms repeat themselves."""
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
    """Microseconds since the epoch. A time without a zone is UTC: OpenCensus leaves the `Z` off its metrics.

    Raises:
        ValueError: nothing can have happened then. The year 1 is what .NET calls no time.
    """
    since = (time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if not 0 <= microseconds <= MAX_TIME_US:
        message = f"time: expected one between 1970 and 2262, got {time.isoformat()}"
        raise ValueError(message)
    return microseconds


def item_count(sample_rate: float | None) -> int:
    """How many events an item stands for: `sample_rate` percent of them were sent."""
    if sample_rate is None or not 0 < sample_rate < 100:  # noqa: PLR2004 (per cent)
        return 1
    return round(min(100 / sample_rate, MAX_ITEM_COUNT))


def span_id(sent: str) -> str:
    """A span's or parent's id, lower case; empty when it is all zeros, as for logs outside of any span.

    Hierarchical ids of classic SDKs that wrap a span id (`|trace.span.`) become the bare span id, which the other end
    of the call may have sent. Truly hierarchical ones (`|root.1.2.`) keep their path: the last number says too little.

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
    """An operation's id, lower case; empty when it is all zeros.

    Where it is missing, the root of a hierarchical parent id (`|root.span.`) stands in.
    """
    if not sent and parent_id.startswith("|"):
        sent = parent_id[1:].partition(".")[0]
    bare = sent.lower()
    return bare if bare.strip("0") else ""


def severity(sent: int | str | None) -> int | None:
    """0 to 4, from a number or a name in any case; None for anything else."""
    if isinstance(sent, str):
        lower = sent.strip().lower()
        sent = int(lower) if lower in {"0", "1", "2", "3", "4"} else _SEVERITIES.get(lower)
    return sent if sent in _SEVERITIES.values() else None
