"""Links between pages: to a node of the map, to a transaction, and to an item of a transaction.

A link to an item contains its type, its id (or its parent's id, for exceptions and logs) and its time:
`?find=exception:00f067aa0ba902b7:1769860800000000`. It does not contain the number of the item, because that changes
when earlier items arrive.
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

from local_insights.http.query_params import TimeQuery
from local_insights.model.item import Item
from local_insights.model.selection import Sample
from local_insights.model.transaction import TransactionItem
from local_insights.portal.formats import utc


def map_link(time: TimeQuery, node_id: str) -> str:
    """Return the URL of the map with the panel of a node."""
    return f"/map?{urlencode({**time.parameters, 'node': node_id}, errors='replace')}"


def transaction_link(operation_id: str) -> str:
    """Return the URL of a transaction."""
    return f"/transaction/{quote(operation_id, safe='', errors='replace')}"


def item_link(item: Item | Sample) -> str:
    """Return the URL of an item's transaction with the item selected."""
    name = f"{item.item_type}:{item.id or item.parent_id}:{item.time_us}"
    return f"{transaction_link(item.operation_id)}?{urlencode({'find': name}, safe=':', errors='replace')}"


def item_number(items: Sequence[TransactionItem], name: str) -> int | None:
    """Return the number, from 1, of the item that the `find` parameter names; None if no type and id match.

    If several match, such as the logs of one request, it is the one nearest in time.
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
