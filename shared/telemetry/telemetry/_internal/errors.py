"""Exceptions in the form of Application Insights: types, messages and frames of an exception and its causes."""

import traceback
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

_MAX_EXCEPTIONS = 50
_MAX_FRAMES = 100

ErrorText = Callable[[BaseException], str]
"""Returns the text that is recorded for an error."""

_client_error_rules: list[Callable[[BaseException], bool]] = []


def register_client_errors(rule: Callable[[BaseException], bool]) -> None:
    """Register the errors that a database driver raises itself, such as for a failed connection.

    Their texts contain no values of a statement and are recorded unchanged.

    Args:
        rule: Returns True for such an error. It must not raise.
    """
    _client_error_rules.append(rule)


def text_without_values(error: BaseException) -> str:
    """Return the text of an error, or only its class and codes when a database server wrote the text.

    Such a text may quote what a user entered: "Duplicate entry 'jo@example.com' for key 'email'" becomes
    `IntegrityError 1062 (23000)`. Errors of databases are recognized by the attribute `sqlstate`, which
    their drivers set. The text is unchanged for errors whose number (`errno`) is 0 or negative, and for client errors
    (`register_client_errors`).
    """
    if not hasattr(error, "sqlstate"):
        return str(error)
    number = getattr(error, "errno", None)
    if (isinstance(number, int) and number <= 0) or any(rule(error) for rule in _client_error_rules):
        return str(error)
    parts = (type(error).__name__, number, f"({error.sqlstate})" if error.sqlstate else None)
    return " ".join(str(part) for part in parts if part is not None)


def recorded_text(error: BaseException, error_text: ErrorText) -> str:
    """Return the text that is recorded for an error; the name of its class when its `__str__` or a property raises."""
    try:
        return error_text(error)
    except Exception:  # noqa: BLE001, code of the application can raise anything
        return type(error).__name__


def exception_details(error: BaseException, error_text: ErrorText = text_without_values) -> list[dict[str, Any]]:
    """Return the exception, its causes and the members of exception groups as `exceptions` of an ExceptionData.

    The first one is `error`. The `outerId` of each other one is the `id` of its group, or of the exception that it
    caused. Each exception occurs once: causes can be cyclic. At most 50 are returned, those nearest to `error`.

    The frames are read immediately: a stored traceback prevents the release of the local variables of all its frames.
    """
    details: list[dict[str, Any]] = []
    waiting = deque([(error, 0)])
    seen = {id(error)}
    while waiting and len(details) < _MAX_EXCEPTIONS:
        current, outer_id = waiting.popleft()
        details.append(
            {
                "id": len(details) + 1,
                "outerId": outer_id,
                "typeName": type(current).__name__,
                "message": recorded_text(current, error_text) or type(current).__name__,
                "hasFullStack": current.__traceback__ is not None,
                "parsedStack": _frames(current.__traceback__),
            }
        )
        for inner in _inner_exceptions(current):
            if id(inner) not in seen:
                seen.add(id(inner))
                waiting.append((inner, len(details)))
    return details


def _inner_exceptions(error: BaseException) -> list[BaseException]:
    """Return the members of a group, then the cause that Python prints: the explicit one, or the context."""
    inner = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    return inner if cause is None else [*inner, cause]


def _frames(tb: TracebackType | None) -> list[dict[str, Any]]:
    """Return the innermost frames; level 0 is the frame that raised."""
    summary = traceback.StackSummary.extract(traceback.walk_tb(tb), lookup_lines=False)
    return [
        {"level": level, "method": frame.name, "fileName": frame.filename, "line": frame.lineno}
        for level, frame in enumerate(list(reversed(summary))[:_MAX_FRAMES])
    ]
