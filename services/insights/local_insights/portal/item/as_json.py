"""One item as JSON."""

import json
from typing import Any

from local_insights.backup.envelopes import envelope_line
from local_insights.model.item import Item
from local_insights.model.item_key import item_key
from local_insights.model.transaction import single_item
from local_insights.portal.item_json import item_fields


def item_json(item: Item) -> dict[str, Any]:
    """Return the fields that the item has in a transaction's JSON, its operation and key, and its envelope.

    The envelope has the form in which SDKs send items, with the ids, type and target before normalization.
    """
    return {
        "key": item_key(item),
        "operation_id": item.operation_id or None,
        **item_fields(single_item(item)),
        "envelope": json.loads(envelope_line(item)),
    }
