"""The limit of the CPU time of one request."""

import pytest

from local_insights.model.time_limit import STEP, TimeLimitError, limited, time_limit


def test_loop_ends_at_the_limit_of_its_block() -> None:
    now_s = 0.0
    seen: list[int] = []

    def work() -> None:
        nonlocal now_s
        for number in limited(range(10 * STEP)):
            seen.append(number)
            now_s += 1 / STEP

    with time_limit(2, lambda: now_s), pytest.raises(TimeLimitError, match="exceeded 2 s"):
        work()
    assert len(seen) == 3 * STEP


def test_loop_outside_of_a_block_has_no_limit() -> None:
    with time_limit(0, lambda: 0.0):
        pass
    assert list(limited(range(3))) == [0, 1, 2]


def test_elements_are_unchanged_within_the_limit() -> None:
    with time_limit(60):
        assert list(limited(range(2 * STEP + 1))) == list(range(2 * STEP + 1))
