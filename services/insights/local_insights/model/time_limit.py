"""A limit of the CPU time that one request may use in Python, as the store limits the time of each of its queries.

Time in which the thread waits does not count: a busy server takes longer, but no request fails for it.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

STEP = 256
"""Elements between two checks."""


class TimeLimitError(Exception):
    """The request exceeded its limit."""


_check: ContextVar[Callable[[], None] | None] = ContextVar("time_limit", default=None)


@contextmanager
def time_limit(limit_s: float, clock: Callable[[], float] = time.thread_time) -> Iterator[None]:
    """Limit the CPU time of a block in the current thread. The loops in it that use `limited` end at the limit.

    Raises:
        TimeLimitError: from the block.
    """
    end_s = clock() + limit_s

    def check() -> None:
        if clock() > end_s:
            message = f"the computation exceeded {limit_s:g} s"
            raise TimeLimitError(message)

    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def limited(elements: Iterable[T]) -> Iterator[T]:
    """Yield the elements, and check the limit before the first and after every `STEP` elements.

    Raises:
        TimeLimitError: the limit of the surrounding block is exceeded.
    """
    check = _check.get()
    if check is None:
        yield from elements
        return
    check()
    for number, element in enumerate(elements, 1):
        yield element
        if number % STEP == 0:
            check()
