"""Polling for the state of other processes."""

import time
from collections.abc import Callable

POLL_S = 0.05
"""Polling interval in seconds. Other processes do not report when they are ready or have ended."""


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Poll until the condition is true, at least once. Return False after `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
