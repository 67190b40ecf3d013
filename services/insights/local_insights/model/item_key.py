"""The permanent key of an item, which is a part of the address of its details.

A row number is not permanent: it differs after a restart of the in-memory engine, and after an export and import.
"""

import json
import re
from hashlib import blake2b

from local_insights.model.item import Item

_DIGEST_BYTES = 8
_KEY = re.compile(rf"(\d{{1,16}})-[0-9a-f]{{{2 * _DIGEST_BYTES}}}", re.ASCII)


def item_key(item: Item) -> str:
    """Return the start time and a digest of all fields that have a value: `1769860800000000-5f2b1c9e0d3a4f76`.

    The time allows a store to find the item without an index. A new field of `Item` does not change the key of an item
    that lacks it. Items that are equal in all fields have the same key.
    """
    content = {name: value for name, value in zip(Item._fields, item, strict=True) if value is not None and value != ""}
    digest = blake2b(json.dumps(content).encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{item.time_us}-{digest}"


def key_time_us(key: str) -> int | None:
    """Return the start time of the item that a key identifies; None if the text is not a key."""
    match = _KEY.fullmatch(key)
    return int(match[1]) if match else None
