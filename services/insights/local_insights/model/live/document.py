"""Documents of the feed: single items, shown as they arrive."""

from collections.abc import Mapping
from dataclasses import dataclass

NAME_LIMIT = 300
DETAIL_LIMIT = 1_000
"""Limits in characters. Longer texts are truncated; the transaction has the whole text."""


@dataclass(frozen=True, slots=True)
class Document:
    """One item of the feed.

    `kind` is a value of `model.item.ItemType`. `name` is a title in one line. `detail` is a URL, a command or a
    message, empty when the title is sufficient. `item_key` identifies the stored item; a document that arrived by the
    Live Metrics protocol has none. Missing values are empty or None.
    """

    time_us: int
    kind: str
    name: str
    detail: str = ""
    result_code: str = ""
    duration_ms: float | None = None
    success: bool | None = None
    operation_id: str = ""
    item_key: str = ""


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document as a server sent it by the Live Metrics protocol.

    `fields` has its values by the names that conditions use. `matched_by_server` is true when the server applied the
    filters of the feed. A server without filters sends every document.
    """

    document: Document
    fields: Mapping[str, str]
    matched_by_server: bool


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A document with its number in the feed, from 1, and its server."""

    number: int
    server_id: str
    role: str
    instance: str
    document: Document


def truncate_text(text: str, limit: int) -> str:
    """Truncate a text to a number of characters, the ellipsis included."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
