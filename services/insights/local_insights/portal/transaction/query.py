"""The state of the page of one transaction, as read from the URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from local_insights.http.query_params import QueryError
from local_insights.portal.formats import clip
from local_insights.portal.transaction.zoom import Zoom

_NUMBER = re.compile(r"[1-9]\d{0,7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """The selected item, the folded rows, the page of rows and the shown part of the time.

    Attributes:
        item: the number of the selected item, from 1; None for the default.
        folded: the numbers of the items whose subtrees are folded.
        page: the number of the page of rows, from 1; None for the page of the selected item.
        surrounding: True when the items before and after the transaction are shown.
        zoom: the shown part of the transaction; None for all of it.
    """

    item: int | None = None
    folded: frozenset[int] = frozenset()
    page: int | None = None
    surrounding: bool = False
    zoom: Zoom | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], items: int) -> Self:
        """Read the state from a query string; `items` is the number of items of the transaction.

        Raises:
            QueryError: a parameter is not a number, or not the number of an item or page.
        """
        folded = [_number("fold", text, items) for text in query.get("fold", "").split(",") if text]
        return cls(
            item=_number("item", query["item"], items) if query.get("item") else None,
            folded=frozenset(folded),
            page=_number("page", query["page"], max(1, items)) if query.get("page") else None,
            surrounding=bool(query.get("surrounding")),
            zoom=Zoom.read(query["range"]) if query.get("range") else None,
        )

    def link(self) -> str:
        """Return the address of this state, relative to the page."""
        parameters = {
            "item": self.item,
            "fold": ",".join(map(str, sorted(self.folded))),
            "page": self.page,
            "range": self.zoom.value if self.zoom else None,
            "surrounding": 1 if self.surrounding else None,
        }
        return f"?{urlencode({name: value for name, value in parameters.items() if value}, safe=',')}"


def _number(name: str, text: str, most: int) -> int:
    if _NUMBER.fullmatch(text) and int(text) <= most:
        return int(text)
    message = f"{name}={clip(text, 50)} is not an item of this transaction."
    if name == "page":
        message = f"page={clip(text, 50)} is not a page of this transaction."
    raise QueryError(message, f"Expected {name}=1 to {name}={most}.")
