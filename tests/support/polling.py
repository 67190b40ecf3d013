"""Wait for conditions that other threads and processes make true."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.01


def eventually(condition: Callable[[], T], within_s: float = 5.0) -> T:
    """Call `condition` until its result is true, and return it.

    Raises:
        AssertionError: the result is not true within the time; also the last one that `condition` raised.
    """
    deadline = time.monotonic() + within_s
    while True:
        try:
            if result := condition():
                return result
            failure = AssertionError(f"still {result!r} after {within_s} s")
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure
        time.sleep(POLL_S)
