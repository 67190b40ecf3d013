"""Links between pages: to a node of the map, to a transaction, and to an item.

A link to an item contains its permanent key (`model.item_key`), not its number in the transaction, because that changes
when earlier items arrive.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from local_insights.http.query_params import TimeQuery
from local_insights.model.item import Item
from local_insights.model.item_key import item_key, key_time_us
from local_insights.model.transaction import TransactionItem
from local_insights.portal.path_segments import encode_segment


def map_link(time: TimeQuery, node_id: str) -> str:
    """Return the URL of the map with the panel of a node."""
    return f"/map?{urlencode({**time.parameters, 'node': node_id}, errors='replace')}"


def transaction_link(operation_id: str, key: str = "") -> str:
    """Return the URL of a transaction; with the key of an item, that item is selected."""
    return f"/transaction/{encode_segment(operation_id)}{f'?find={key}' if key else ''}"


def details_link(key: str) -> str:
    """Return the URL of the page with the details of the item that has a key."""
    return f"/item/{key}"


def item_link(item: Item) -> str:
    """Return the URL of an item: its transaction with the item selected, or its details if it has no operation."""
    key = item_key(item)
    return transaction_link(item.operation_id, key) if item.operation_id else details_link(key)


def item_number(items: Sequence[TransactionItem], key: str) -> int | None:
    """Return the number, from 1, of the item that a key identifies; None if no item of the transaction has it."""
    time_us = key_time_us(key)
    return next(
        (
            number
            for number, item in enumerate(items, start=1)
            if item.stored.time_us == time_us and item_key(item.stored) == key
        ),
        None,
    )
