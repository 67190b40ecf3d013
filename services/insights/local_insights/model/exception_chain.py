"""The exceptions of an exception item: the outermost exception, its causes, and their stack traces."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One frame of a stack trace. `place` is `file:line`, the file or the assembly; empty if none was sent."""

    method: str
    place: str


@dataclass(frozen=True, slots=True)
class ExceptionDetail:
    """One exception of a chain. `frames` are innermost first; `stack` is the raw stack if the SDK did not parse it."""

    type_name: str
    message: str
    frames: tuple[StackFrame, ...] = ()
    stack: str = ""


def exception_chain(exceptions_json: str) -> tuple[ExceptionDetail, ...]:
    """Parse `Item.exceptions_json`, the outermost exception first, in the order sent.

    Entries that are not objects are skipped, so that malformed entries do not hide the rest of the transaction.
    """
    entries = json.loads(exceptions_json) if exceptions_json else []
    return tuple(_detail(entry) for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()


def _detail(entry: dict[str, Any]) -> ExceptionDetail:
    sent = entry.get("parsedStack")
    frames = tuple(_frame(frame) for frame in sent if isinstance(frame, dict)) if isinstance(sent, list) else ()
    return ExceptionDetail(
        type_name=_text(entry.get("typeName")),
        message=_text(entry.get("message")),
        frames=frames,
        stack="" if frames else _text(entry.get("stack")),
    )


def _frame(frame: dict[str, Any]) -> StackFrame:
    file_name = _text(frame.get("fileName")) or _text(frame.get("assembly"))
    line = _text(frame.get("line"))
    return StackFrame(_text(frame.get("method")) or "?", f"{file_name}:{line}" if file_name and line else file_name)


def _text(value: object) -> str:
    return "" if value is None else str(value)
