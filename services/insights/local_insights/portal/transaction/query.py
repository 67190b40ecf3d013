"""What a transaction's page is asked for: the state of the page, all of which lives in its URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from local_insights.http.query_params import QueryError
from local_insights.portal.formats import clip

_NUMBER = re.compile(r"[1-9]\d{0,7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """The selected item, the items whose subtrees are folded (both numbered from 1), and the page of rows.

    `item` and `page` are None where the page is to choose them; `around` when the neighbours are to be shown as well.
    """

    item: int | None = None
    folded: frozenset[int] = frozenset()
    page: int | None = None
    around: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], items: int) -> Self:
        """Read the state from a query string, of a transaction of so many items.

        Raises:
            QueryError: a parameter is no number, or no number of an item.
        """
        folded = [_number("fold", text, items) for text in query.get("fold", "").split(",") if text]
        return cls(
            item=_number("item", query["item"], items) if query.get("item") else None,
            folded=frozenset(folded),
            page=_number("page", query["page"], max(1, items)) if query.get("page") else None,
            around=bool(query.get("around")),
        )

    def link(self) -> str:
        """The address of this state, relative to the page."""
        parameters = {
            "item": self.item,
            "fold": ",".join(map(str, sorted(self.folded))),
            "page": self.page,
            "around": 1 if self.around else None,
        }
        return f"?{urlencode({name: value for name, value in parameters.items() if value}, safe=',')}"


def _number(name: str, text: str, most: int) -> int:
    if _NUMBER.fullmatch(text) and int(text) <= most:
        return int(text)
    message = f"{name}={clip(text, 50)} is not an item of this transaction."
    if name == "page":
        message = f"page={clip(text, 50)} is not a page of this transaction."
    raise QueryError(message, f"Expected {name}=1 to {name}={most}.")
