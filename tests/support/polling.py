"""Conditions that come true by somebody else's work."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
POLL_S = 0.01


def eventually(condition: Callable[[], Answer], within_s: float = 5.0) -> Answer:
    """Ask until the answer is truthy. Assertions that fail meanwhile count as "not yet"; the last one is raised."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            if answer := condition():
                return answer
            failure = AssertionError(f"still {answer!r} after {within_s} s")
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure
        time.sleep(POLL_S)
