"""Takes the current operation along into other threads: Python hands it to tasks, not to threads."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def with_current_context(function: Callable[P, R]) -> Callable[P, R]:
    """The function, to be called anywhere: its spans and logs belong to the span that is current now.

    `Thread(target=with_current_context(work))`, `pool.map(with_current_context(work), items)`. It may be called more than once, also at the same
    time. asyncio's tasks, `asyncio.to_thread` and FastAPI's background tasks need no help.
    """
    context = copy_context()

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(function, *args, **kwargs)

    return call


class ContextThreadPoolExecutor(ThreadPoolExecutor):
    """A pool of threads in which every call belongs to the span that was current when it was submitted.

    Also for `loop.run_in_executor(pool, ...)`, and for `loop.set_default_executor(pool)`.
    """

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a function called in one of the threads."""
        return super().submit(with_current_context(fn), *args, **kwargs)
