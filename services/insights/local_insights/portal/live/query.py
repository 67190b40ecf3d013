"""The state of the page Live Metrics, as read from the URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

MAX_ID_LENGTH = 100
_MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class LiveQuery:
    """The id of the selected server; empty for all servers. An unknown id is valid: the server may have stopped."""

    server_id: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Read the state from a query string. A longer id is cut."""
        return cls(query.get("server", "")[:MAX_ID_LENGTH])

    @property
    def query_string(self) -> str:
        """The query string of this state, without the leading `?`."""
        return f"server={quote(self.server_id, safe='')}"


def document_number(text: str) -> int:
    """Read the number of the last document that a client has; 0 for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 0
