"""Exceptions as Application Insights shows them: a chain of types, messages and frames."""

import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

_MAX_CHAIN = 10
_MAX_FRAMES = 100
_CLIENT_ERRORS = range(2000, 3000)

ErrorText = Callable[[BaseException], str]
"""What is recorded as the text of an error."""


def text_without_values(error: BaseException) -> str:
    """The error's own text, unless a database server wrote it: such a text may quote what a user entered.

    "Duplicate entry 'jo@example.com' for key 'email'" becomes `IntegrityError 1062 (23000)`. Errors of databases are
    known by their SQLSTATE (an attribute in mysql-connector-python, its C extension and psycopg). Those that MySQL's
    client library makes, numbered 2000 to 2999, tell of the connection and are kept; so are those without a number.
    """
    if not hasattr(error, "sqlstate"):
        return str(error)
    number = getattr(error, "errno", None)
    if isinstance(number, int) and (number <= 0 or number in _CLIENT_ERRORS):
        return str(error)
    parts = (type(error).__name__, number, f"({error.sqlstate})" if error.sqlstate else None)
    return " ".join(str(part) for part in parts if part is not None)


def exception_details(error: BaseException, error_text: ErrorText = text_without_values) -> list[dict[str, Any]]:
    """The exception and what caused it, outermost first, as `exceptions` of an ExceptionData.

    Frames are taken now, because a traceback kept for later keeps alive every local variable on its way.
    """
    details: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(details) < _MAX_CHAIN:
        details.append(
            {
                "id": len(details) + 1,
                "outerId": len(details),
                "typeName": type(current).__name__,
                "message": error_text(current) or type(current).__name__,
                "hasFullStack": current.__traceback__ is not None,
                "parsedStack": _frames(current.__traceback__),
            }
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return details


def _frames(tb: TracebackType | None) -> list[dict[str, Any]]:
    """The innermost frames, the one that raised first (level 0)."""
    summary = traceback.StackSummary.extract(traceback.walk_tb(tb), lookup_lines=False)
    return [
        {"level": level, "method": frame.name, "fileName": frame.filename, "line": frame.lineno}
        for level, frame in enumerate(list(reversed(summary))[:_MAX_FRAMES])
    ]
