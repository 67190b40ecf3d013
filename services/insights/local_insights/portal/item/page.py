"""The template context of the page Item details."""

import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from local_insights.backup.envelopes import envelope_line
from local_insights.http.json_text import escape_unprintable
from local_insights.model.item import Item
from local_insights.model.transaction import single_item
from local_insights.portal.formats import utc
from local_insights.portal.item_details import ItemDetails, clip_value, item_details
from local_insights.portal.links import item_link
from local_insights.portal.page_layout import PageLayout

WINDOW = timedelta(minutes=5)
"""The length of time before and after an item that the link to the search covers."""


@dataclass(frozen=True, slots=True)
class ItemPage:
    """The page `/item/{key}`.

    Attributes:
        layout: the parts around the page; its path is that of this item.
        details: all fields of the item.
        envelope: the item as an envelope, indented JSON.
        transaction_link: opens the transaction with the item selected; empty if the item has no operation.
        search_link: searches the telemetry of the item's role at about the same time.
    """

    layout: PageLayout
    details: ItemDetails
    envelope: str
    transaction_link: str
    search_link: str


def item_page(item: Item, layout: PageLayout) -> ItemPage:
    """Return the context for an item."""
    time = utc(item.time_us)
    envelope = json.dumps(json.loads(envelope_line(item)), ensure_ascii=False, indent=2)
    parameters = {"from": (time - WINDOW).isoformat(), "to": (time + WINDOW).isoformat(), "role": item.role}
    return ItemPage(
        layout=layout,
        details=item_details(single_item(item)),
        envelope=clip_value(escape_unprintable(envelope)),
        transaction_link=item_link(item) if item.operation_id else "",
        search_link=f"/search?{urlencode(parameters, errors='replace')}",
    )
