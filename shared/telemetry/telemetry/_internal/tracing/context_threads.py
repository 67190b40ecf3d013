"""Propagation of the current operation to other threads. Python propagates context to tasks, but not to threads."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def with_current_context(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that runs `function` in the current context: its spans and logs belong to the current span.

    Use it for threads: `Thread(target=with_current_context(work))`, `pool.map(with_current_context(work), items)`. The
    returned function may be called several times, also concurrently. Tasks of asyncio, `asyncio.to_thread` and
    background tasks of FastAPI do not need it.
    """
    context = copy_context()

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(function, *args, **kwargs)

    return call


class ContextThreadPoolExecutor(ThreadPoolExecutor):
    """A thread pool that runs every call in the context in which it was submitted.

    Use it for `loop.run_in_executor(pool, ...)` and `loop.set_default_executor(pool)` as well.
    """

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Run a function in one of the threads, in the current context."""
        return super().submit(with_current_context(fn), *args, **kwargs)
