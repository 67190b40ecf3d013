"""Context managers that are decorators as well, of coroutines too: contextlib's end before a coroutine has run."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Block(AbstractContextManager[T]):
    """A `with` block, or, as a decorator, one around every call of a function.

    Args:
        begin: Makes the context of one block or call.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[T]]) -> None:
        self._begin = begin

    def __enter__(self) -> T:
        self._begun = self._begin()
        return self._begun.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        return self._begun.__exit__(kind, error, tb)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """The function with a block of its own around each call, until it has returned or has been awaited."""
        return around_calls(function, self._begin)


def around_calls(function: Callable[P, R], begin: Callable[[], AbstractContextManager[Any]]) -> Callable[P, R]:
    """The function with a context of its own around each call, until it has returned or has been awaited."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with begin():
            return function(*args, **kwargs)

    @wraps(function)
    async def call_coroutine(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401, what the coroutine returns
        with begin():
            return await cast("Any", function(*args, **kwargs))

    return cast("Callable[P, R]", call_coroutine) if inspect.iscoroutinefunction(function) else call
