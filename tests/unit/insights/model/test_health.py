"""Health levels."""

import pytest

from local_insights.model.health import Level, Thresholds, level


@pytest.mark.parametrize(
    ("failed_percent", "expected"),
    [(0, Level.OK), (0.99, Level.OK), (1, Level.WARNING), (4.99, Level.WARNING), (5, Level.ERROR), (100, Level.ERROR)],
)
def test_warning_starts_at_1_percent_and_error_at_5_percent(failed_percent: float, expected: Level) -> None:
    assert level(failed_percent) is expected


def test_custom_thresholds() -> None:
    strict = Thresholds(warning_percent=0.1, error_percent=0.5)
    assert [level(share, strict) for share in (0.05, 0.1, 0.5)] == [Level.OK, Level.WARNING, Level.ERROR]


@pytest.mark.parametrize(("warning", "error"), [(0, 5), (6, 5), (1, 101), (-1, 5)])
def test_thresholds_out_of_order_or_range_are_rejected(warning: float, error: float) -> None:
    with pytest.raises(ValueError, match="0 < warning <= error <= 100"):
        Thresholds(warning, error)
