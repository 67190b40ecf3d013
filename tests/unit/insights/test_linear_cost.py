"""The cost of every kind of input is linear in its size."""

import pytest

from support.sweeps import SWEEPS, Sweep, cpu_s

GROWTH = 4
MAX_FACTOR = 9.0
"""Linear cost has a factor of 4, n·log(n) one of about 5, quadratic cost one of 16."""
ATTEMPTS = 3
"""A busy machine can slow down one measurement, but a quadratic cost exceeds the factor in all of them."""


def is_linear(sweep: Sweep) -> bool:
    for _ in range(ATTEMPTS):
        small_s, large_s = cpu_s(sweep, sweep.size), cpu_s(sweep, sweep.size * GROWTH, repetitions=1)
        if large_s / max(small_s, 0.000_5) < MAX_FACTOR:
            return True
    return False


@pytest.mark.parametrize("kind", SWEEPS)
def test_cost_is_linear_in_the_size_of_the_input(kind: str) -> None:
    assert is_linear(SWEEPS[kind])


def test_quadratic_cost_is_detected() -> None:
    assert not is_linear(Sweep(lambda size: size, lambda size: sum(1 for _ in range(size * size)), 200))
