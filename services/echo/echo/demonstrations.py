"""Values that make echo misbehave on purpose, so that a map has something to show: a slow edge, a failing one.

They are ordinary words, compared exactly, and they do no harm: nothing is held but the one request, nothing is stored.
"""

SLOW_VALUE = "slow"
SLOW_DELAY_S = 0.6
"""Long enough to stand out on a map where everything else takes milliseconds, short of the frontend's patience with
echo (1 s), so that the value still arrives."""

FAIL_VALUE = "fail"
"""Raises `DeliberateFailureError` inside echo: a 500 there, an exception in its telemetry, a 502 at the frontend."""


class DeliberateFailureError(Exception):
    """The exception that `FAIL_VALUE` asks for."""
