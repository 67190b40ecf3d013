"""Sample telemetry: single items that are shown as they arrive."""

from collections.abc import Mapping
from dataclasses import dataclass

NAME_LIMIT = 300
DETAIL_LIMIT = 1_000
"""Characters of one text that are kept: a feed is for looking at, the transaction has the whole."""


@dataclass(frozen=True, slots=True)
class Document:
    """One item of the feed.

    `kind` is a value of `model.item.ItemType`. `name` says what it is in one line; `detail` is a URL, a command or a
    message, empty when the name says it all. What the sender did not tell is empty or None.
    """

    time_us: int
    kind: str
    name: str
    detail: str = ""
    result_code: str = ""
    duration_ms: float | None = None
    success: bool | None = None
    operation_id: str = ""


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document as a server sent it by the Live Metrics protocol.

    `facts` are its fields by the names that conditions use. `matched_by_server` is true when the server applied the
    filters of the feed. A server without filters sends every document.
    """

    document: Document
    facts: Mapping[str, str]
    matched_by_server: bool


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A document with its place in the feed, counted from 1, and the server it is of."""

    number: int
    server_id: str
    role: str
    instance: str
    document: Document


def truncate_text(text: str, limit: int) -> str:
    """The beginning of a text."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
