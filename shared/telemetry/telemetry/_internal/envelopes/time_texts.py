"""Times and durations as texts."""

from datetime import UTC, datetime
from functools import lru_cache


def utc_text(time_ns: int) -> str:
    """A time in nanoseconds since the epoch as the text that OpenCensus uses, to the microsecond."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{_second_text(seconds)}.{nanoseconds // 1000:06d}Z"


@lru_cache(maxsize=16)
def _second_text(seconds: int) -> str:
    """The text up to the second: two of them are made for every span, nearly all within the same second or two."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").removesuffix("+00:00")


def duration_text(duration_us: int) -> str:
    """A duration in microseconds as `d.hh:mm:ss.ffffff`; never negative."""
    seconds, microseconds = divmod(max(duration_us, 0), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02d}:{minutes:02d}:{seconds:02d}.{microseconds:06d}"
