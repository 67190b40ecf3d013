import pytest

from local_insights.portal import formats


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 ms"),
        (0.42, "0.4 ms"),
        (6, "6.0 ms"),
        (9.96, "10 ms"),
        (164.4, "164 ms"),
        (999.6, "1.0 s"),
        (1_300, "1.3 s"),
        (45_000, "45 s"),
        (90_000, "1.5 min"),
        (5_400_000, "1.5 h"),
    ],
)
def test_duration_has_at_most_three_digits_and_a_unit(duration_ms: float | None, text: str) -> None:
    assert formats.duration(duration_ms) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (918, "918"), (1860, "1,860"), (11_060, "11.1k"), (15_000, "15k"), (2_300_000, "2.3M")],
)
def test_large_count_is_abbreviated(number: int, text: str) -> None:
    assert formats.count(number) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.02, "<0.1 %"), (6.94, "6.9 %"), (13.7, "14 %"), (100, "100 %")]
)
def test_share_above_zero_is_never_shown_as_zero(share: float, text: str) -> None:
    assert formats.percent(share) == text


def test_timestamp_is_utc_with_milliseconds() -> None:
    assert formats.timestamp(1_769_860_800_123_456) == "2026-01-31 12:00:00.123"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain → text\n\tند", "plain → text\n\tند"),
        ("nul\x00 bell\x07 del\x7f", "nul␀ bell␇ del␡"),
        ("user\u202etxt.exe", "user\ufffdtxt.exe"),
        ("half \ud83d pair", "half \ufffd pair"),
    ],
)
def test_characters_that_hide_or_reorder_text_are_replaced(sent: str, shown: str) -> None:
    assert formats.sanitize(sent) == shown


def test_clipped_text_ends_with_an_ellipsis() -> None:
    assert formats.clip("abcdef", 4) == "abc…"
    assert formats.clip("abcd", 4) == "abcd"
