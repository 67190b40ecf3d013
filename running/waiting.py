"""Waiting for what other processes do."""

import time
from collections.abc import Callable

POLL_S = 0.05
"""Other processes tell nobody when they have come up or ended: they are asked so often."""


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Ask until the condition holds, once at least. Returns whether it did within so many seconds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
