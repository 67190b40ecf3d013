"""Figures as people read them: three digits at most, the unit beside them."""

from datetime import UTC, datetime

_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
_DIRECTION_CHANGERS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNPRINTABLE = (*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
_HARMLESS = _CONTROL_PICTURES | dict.fromkeys(_DIRECTION_CHANGERS + _UNPRINTABLE, 0xFFFD)

THOUSAND, TEN_THOUSAND, MILLION = 1_000, 10_000, 1_000_000
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def sanitize(text: str) -> str:
    """Text as it was sent, but for characters that would hide or reorder what stands around them.

    Control characters become their pictures (U+2400 …); characters that change the direction of writing, halves of
    surrogate pairs and other characters that no page can carry become U+FFFD.

    Reference:
        "Trojan Source", CVE-2021-42574: direction overrides make a reader see another text than the one that is there.
    """
    return text.translate(_HARMLESS)


def single_line(text: str) -> str:
    """Return a sanitized text without line breaks, with single spaces."""
    return " ".join(sanitize(text).split())


def clip(text: str, limit: int) -> str:
    """The first `limit` characters, with an ellipsis in place of what was left off."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def duration(duration_ms: float | None) -> str:
    """`0.4 ms`, `6.9 ms`, `164 ms`, `1.3 s`, `2.5 min`, `1.2 h`; a dash when there is none."""
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
    """`918`, `1,860`, `11.1k`, `2.3M`."""
    if number >= MILLION:
        return f"{_three_digits(number / MILLION)}M"
    if number >= TEN_THOUSAND:
        return f"{number / THOUSAND:.1f}".removesuffix(".0") + "k"
    return f"{number:,}"


def percent(share: float) -> str:
    """`0 %`, `<0.1 %`, `6.9 %`, `14 %`; the share runs from 0 to 100."""
    return "<0.1 %" if 0 < share < 0.1 else f"{_three_digits(share)} %"  # noqa: PLR2004 - the smallest figure shown


def rate(per_second: float | None) -> str:
    """`0 /s`, `3.5 /s`, `35 /s`; a dash when there is none."""
    return "\N{EN DASH}" if per_second is None else f"{_three_digits(per_second)} /s"


def size(size_bytes: float | None) -> str:
    """`0.9 MB`, `192 MB`, `1.5 GB`; a dash when there is none."""
    if size_bytes is None:
        return "\N{EN DASH}"
    megabytes = size_bytes / MILLION
    return f"{_three_digits(megabytes / THOUSAND)} GB" if megabytes >= THOUSAND else f"{_three_digits(megabytes)} MB"


def timestamp(time_us: int) -> str:
    """`2026-01-31 12:00:00.123`, UTC."""
    return f"{utc(time_us):%Y-%m-%d %H:%M:%S}.{time_us // THOUSAND % THOUSAND:03d}"


def iso_time(time_us: int) -> str:
    """The moment as a `datetime` attribute wants it."""
    return utc(time_us).isoformat()


def utc(time_us: int) -> datetime:
    """The moment as a datetime, UTC."""
    return datetime.fromtimestamp(time_us / MILLION, UTC)


def _three_digits(number: float) -> str:
    return "0" if number == 0 else f"{number:.1f}" if number < 9.95 else f"{number:,.0f}"  # noqa: PLR2004 - 9.95 is the first that rounds to 10
