"""Context managers from generators that leave the exceptions of their blocks unchanged."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from types import TracebackType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _TransparentContext(AbstractContextManager[T, None]):
    def __init__(self, generator: Generator[T]) -> None:
        self._generator = generator

    def __enter__(self) -> T:
        return next(self._generator)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None:
            next(self._generator, None)
            return
        try:
            self._generator.throw(error)
        except Exception:  # noqa: BLE001, S110, Python raises the exception of the block again
            pass
        except BaseException as raised:
            if raised is not error:  # an interrupt of the process while the block ends
                raise
        finally:
            BaseException.with_traceback(error, tb)  # without the frames of the generator


def transparent_context(create: Callable[P, Generator[T]]) -> Callable[P, AbstractContextManager[T, None]]:
    """Return a factory of context managers, as contextmanager does, that always raise the block's exception.

    `contextlib.contextmanager` sets `__traceback__` of the exception of a block. An exception whose attributes
    cannot be set, such as that of a frozen data class, is then replaced by the exception of the assignment.
    """

    @wraps(create)
    def enter(*args: P.args, **kwargs: P.kwargs) -> AbstractContextManager[T, None]:
        return _TransparentContext(create(*args, **kwargs))

    return enter
