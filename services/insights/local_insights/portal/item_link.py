"""Links to one item of a transaction, from where its number there is not known.

An item is named by its kind, its span (its parent's, when it has none of its own: exceptions and logs) and its time:
`?find=exception:00f067aa0ba902b7:1769860800000000`. The number of an item changes when earlier items arrive; this name
does not.
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

from local_insights.model.item import Item
from local_insights.model.selection import Sample
from local_insights.model.transaction import TransactionItem
from local_insights.portal.formats import utc


def item_link(item: Item | Sample) -> str:
    """The address of an item's transaction with the item selected."""
    name = f"{item.item_type}:{item.id or item.parent_id}:{item.time_us}"
    operation = quote(item.operation_id, safe="", errors="replace")
    return f"/transaction/{operation}?{urlencode({'find': name}, safe=':', errors='replace')}"


def item_number(items: Sequence[TransactionItem], name: str) -> int | None:
    """The number, from 1, of the item with that name; None when no item is of that kind and span.

    Of several, such as the logs of one request, it is the one nearest in time.
    """
    kind, _, rest = name.partition(":")
    span, _, time = rest.rpartition(":")
    time_us = int(time) if time.isascii() and time.isdigit() and len(time) < 17 else 0  # noqa: PLR2004 - year 5138
    found = [
        (abs(item.start_time - utc(time_us)), number)
        for number, item in enumerate(items, start=1)
        if item.item_type == kind and (item.id or item.parent_id or "") == span
    ]
    return min(found, default=(timedelta(), None))[1]
