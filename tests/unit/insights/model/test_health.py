"""Health levels."""

import pytest

from local_insights.model.health import Level, level


@pytest.mark.parametrize(
    ("failed_percent", "expected"),
    [(0, Level.OK), (0.99, Level.OK), (1, Level.WARNING), (4.99, Level.WARNING), (5, Level.ERROR), (100, Level.ERROR)],
)
def test_warning_starts_at_1_percent_and_error_at_5_percent(failed_percent: float, expected: Level) -> None:
    assert level(failed_percent) is expected
