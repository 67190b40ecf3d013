"""Context managers that also decorate functions, coroutines and generators.

Those of contextlib end before a decorated coroutine or generator has run.
"""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from telemetry._internal.tracing.suspended_context import wrap_async_generator, wrap_generator

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class AsyncContextDecorator(AbstractContextManager[T]):
    """A context manager that, as a decorator, surrounds every call of a function, coroutine or generator.

    Args:
        create: Creates the context manager of one block or call.
    """

    def __init__(self, create: Callable[[], AbstractContextManager[T]]) -> None:
        self._create = create

    def __enter__(self) -> T:
        self._entered = self._create()
        return self._entered.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        return self._entered.__exit__(kind, error, tb)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function (`wrap_calls`)."""
        return wrap_calls(function, self._create)


def wrap_calls(function: Callable[P, R], create: Callable[[], AbstractContextManager[Any]]) -> Callable[P, R]:
    """Return the function with a new context around each call, until it has returned, was awaited or was iterated."""
    if inspect.isgeneratorfunction(function):
        return cast("Callable[P, R]", wrap_generator(function, create))
    if inspect.isasyncgenfunction(function):
        return cast("Callable[P, R]", wrap_async_generator(function, create))

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with create():
            return function(*args, **kwargs)

    @wraps(function)
    async def call_coroutine(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401, the result of the coroutine
        with create():
            return await cast("Any", function(*args, **kwargs))

    return cast("Callable[P, R]", call_coroutine) if inspect.iscoroutinefunction(function) else call
