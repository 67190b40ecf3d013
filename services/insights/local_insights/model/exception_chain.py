"""An exception as it was sent: the error that surfaced, its causes, and their stacks."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ExceptionDetail:
    """One exception of a chain. `stack` is text, one line a frame, innermost first; empty when none was sent."""

    type_name: str
    message: str
    stack: str


def exception_chain(exceptions_json: str) -> tuple[ExceptionDetail, ...]:
    """Read `Item.exceptions_json`, the outermost exception first, as senders order it.

    Entries that are not objects are passed over; a sender's oddities must not hide the rest of the transaction.
    """
    entries = json.loads(exceptions_json) if exceptions_json else []
    return tuple(_detail(entry) for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()


def _detail(entry: dict[str, Any]) -> ExceptionDetail:
    frames = entry.get("parsedStack")
    stack = (
        "\n".join(_frame(frame) for frame in frames if isinstance(frame, dict))
        if isinstance(frames, list) and frames
        else _text(entry.get("stack"))
    )
    return ExceptionDetail(_text(entry.get("typeName")), _text(entry.get("message")), stack)


def _frame(frame: dict[str, Any]) -> str:
    method = _text(frame.get("method")) or "?"
    file_name = _text(frame.get("fileName")) or _text(frame.get("assembly"))
    line = _text(frame.get("line"))
    place = f"{file_name}:{line}" if file_name and line else file_name
    return f"{method} ({place})" if place else method


def _text(value: object) -> str:
    return "" if value is None else str(value)
