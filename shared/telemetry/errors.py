"""Exceptions as Application Insights shows them: a chain of types, messages and frames."""

import traceback
from types import TracebackType
from typing import Any

_MAX_CHAIN = 10
_MAX_FRAMES = 100


def exception_details(error: BaseException) -> list[dict[str, Any]]:
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
                "message": str(current) or type(current).__name__,
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
