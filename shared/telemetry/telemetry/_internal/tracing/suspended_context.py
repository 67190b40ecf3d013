"""Generators with a context that is current only while they run, not while they wait for their consumer."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from functools import partial, wraps
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

from telemetry._internal.tracing.span_context import CURRENT_SPAN, CURRENT_TRACER

P = ParamSpec("P")
Y = TypeVar("Y")
S = TypeVar("S")
R = TypeVar("R")

_VARIABLES: Final = (CURRENT_TRACER, CURRENT_SPAN)
_ENDS_OF_ITERATION: Final = (StopIteration, StopAsyncIteration, GeneratorExit)

Create = Callable[[], AbstractContextManager[Any]]


class _SuspendedContext:
    """A context that is entered by the first `with` block, suspended after each block, and left by the last one.

    The last block is the one that raises. The end of an iteration, also by a consumer that does not iterate to the end,
    is no error of the context.
    """

    def __init__(self, create: Create) -> None:
        self._context = create()
        self._inside: list[Any] | None = None
        self._outside: list[Any] = []

    def __enter__(self) -> None:
        self._outside = [variable.get(None) for variable in _VARIABLES]
        if self._inside is None:
            self._context.__enter__()
        else:
            _set(self._inside)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None:
            self._inside = [variable.get(None) for variable in _VARIABLES]
        elif isinstance(error, _ENDS_OF_ITERATION):
            self._context.__exit__(None, None, None)
        else:
            self._context.__exit__(kind, error, tb)
        _set(self._outside)


def _set(values: list[Any]) -> None:
    for variable, value in zip(_VARIABLES, values, strict=True):
        variable.set(value)


def wrap_generator(function: Callable[P, Generator[Y, S, R]], create: Create) -> Callable[P, Generator[Y, S, R]]:
    """Return the generator function with a new context around the iteration of each generator."""

    @wraps(function)
    def generate(*args: P.args, **kwargs: P.kwargs) -> Generator[Y, S, R]:
        generator = function(*args, **kwargs)
        context = _SuspendedContext(create)
        step: Callable[[], Y] = generator.__next__
        while True:
            try:
                with context:
                    item = step()
            except StopIteration as end:
                result: R = end.value
                return result
            try:
                sent = yield item
            except GeneratorExit:
                with context:
                    generator.close()
                    raise
            except BaseException as error:  # noqa: BLE001, the generator handles it
                step = partial(generator.throw, error)
            else:
                step = partial(generator.send, sent)

    return generate


def wrap_async_generator(
    function: Callable[P, AsyncGenerator[Y, S]], create: Create
) -> Callable[P, AsyncGenerator[Y, S]]:
    """Return the asynchronous generator function with a new context around the iteration of each generator."""

    @wraps(function)
    async def generate(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[Y, S]:
        generator = function(*args, **kwargs)
        context = _SuspendedContext(create)
        step: Callable[[], Any] = generator.__anext__
        while True:
            try:
                with context:
                    item = await step()
            except StopAsyncIteration:
                return
            try:
                sent = yield item
            except GeneratorExit:
                with context:
                    await generator.aclose()
                    raise
            except BaseException as error:  # noqa: BLE001, the generator handles it
                step = partial(generator.athrow, error)
            else:
                step = partial(generator.asend, sent)

    return generate
