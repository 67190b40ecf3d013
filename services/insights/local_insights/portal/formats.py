"""Text for people: values with at most three digits and their unit, times, and sanitized strings."""

from datetime import UTC, datetime

_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
_DIRECTION_CHANGERS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNPRINTABLE = (*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
_REPLACEMENTS = _CONTROL_PICTURES | dict.fromkeys(_DIRECTION_CHANGERS + _UNPRINTABLE, 0xFFFD)

THOUSAND, TEN_THOUSAND, MILLION = 1_000, 10_000, 1_000_000
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def sanitize(text: str) -> str:
    """Replace the characters that would hide or reorder the text around them.

    Control characters become their pictures (U+2400 …). Characters that change the direction of writing, lone
    surrogates and other characters that HTML does not allow become U+FFFD.

    Reference:
        "Trojan Source", CVE-2021-42574: direction overrides make a reader see a text that differs from the stored one.
    """
    return text.translate(_REPLACEMENTS)


def single_line(text: str) -> str:
    """Return a sanitized text without line breaks, with single spaces."""
    return " ".join(sanitize(text).split())


def clip(text: str, limit: int) -> str:
    """Return the text, cut to `limit` characters of which the last is an ellipsis when it is longer."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def duration(duration_ms: float | None) -> str:
    """Format milliseconds: `0.4 ms`, `6.9 ms`, `164 ms`, `1.3 s`, `2.5 min`, `1.2 h`; a dash for None."""
    if duration_ms is None:
        return "\N{EN DASH}"
    if duration_ms >= HOUR_MS:
        return f"{_three_digits(duration_ms / HOUR_MS)} h"
    if duration_ms >= MINUTE_MS:
        return f"{_three_digits(duration_ms / MINUTE_MS)} min"
    if round(duration_ms) >= THOUSAND:
        return f"{_three_digits(duration_ms / THOUSAND)} s"
    return f"{_three_digits(duration_ms)} ms"


def count(number: int) -> str:
    """Format a count: `918`, `1,860`, `11.1k`, `2.3M`."""
    if number >= MILLION:
        return f"{_three_digits(number / MILLION)}M"
    if number >= TEN_THOUSAND:
        return f"{number / THOUSAND:.1f}".removesuffix(".0") + "k"
    return f"{number:,}"


def percent(share: float) -> str:
    """Format a share of 0 to 100: `0 %`, `<0.1 %`, `6.9 %`, `14 %`."""
    return "<0.1 %" if 0 < share < 0.1 else f"{_three_digits(share)} %"  # noqa: PLR2004 - the smallest value shown


def rate(per_second: float | None) -> str:
    """Format a rate: `0 /s`, `3.5 /s`, `35 /s`; a dash for None."""
    return "\N{EN DASH}" if per_second is None else f"{_three_digits(per_second)} /s"


def size(size_bytes: float | None) -> str:
    """Format bytes: `0.9 MB`, `192 MB`, `1.5 GB`; a dash for None."""
    if size_bytes is None:
        return "\N{EN DASH}"
    megabytes = size_bytes / MILLION
    return f"{_three_digits(megabytes / THOUSAND)} GB" if megabytes >= THOUSAND else f"{_three_digits(megabytes)} MB"


def timestamp(time_us: int) -> str:
    """Format microseconds since 1970 as `2026-01-31 12:00:00.123`, UTC."""
    return f"{utc(time_us):%Y-%m-%d %H:%M:%S}.{time_us // THOUSAND % THOUSAND:03d}"


def iso_time(time_us: int) -> str:
    """Format microseconds since 1970 as ISO 8601, for JSON and `datetime` attributes."""
    return utc(time_us).isoformat()


def utc(time_us: int) -> datetime:
    """Return microseconds since 1970 as a datetime, UTC."""
    return datetime.fromtimestamp(time_us / MILLION, UTC)


def _three_digits(number: float) -> str:
    return "0" if number == 0 else f"{number:.1f}" if number < 9.95 else f"{number:,.0f}"  # noqa: PLR2004 - the first that rounds to 10
