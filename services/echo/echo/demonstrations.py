"""Values that make echo slow or fail on purpose, so that a map shows a slow edge and a failing edge.

They are compared exactly. Nothing but their own request is affected, and nothing is stored.
"""

SLOW_VALUE = "slow"
SLOW_DELAY_S = 0.6
"""Seconds. Calls of the mesh take milliseconds, so the edge is visible; the frontend's timeout for echo is 1 s, so the
value is still stored."""

FAIL_VALUE = "fail"
"""Raises `DeliberateFailureError` in echo: a 500 there, an exception in its telemetry, a 502 of the frontend."""


class DeliberateFailureError(Exception):
    """The exception that `FAIL_VALUE` raises."""
