"""Calls and requests with one span id.

Zipkin and SDKs with B3 headers may use one span for both sides of a call: the dependency and the request have the same
id and the same parent. The request is then a child of the dependency, not of the common parent.
"""

from collections.abc import Iterable

from local_insights.model.item import Item, ItemType
from local_insights.model.targets import is_in_process

CallId = tuple[str, str, str]
"""Operation id, span id and parent id."""


def call_ids(items: Iterable[Item]) -> frozenset[CallId]:
    """Return the ids of all remote calls."""
    return frozenset(
        (item.operation_id, item.id, item.parent_id)
        for item in items
        if item.item_type == ItemType.DEPENDENCY and item.id and not is_in_process(item.dependency_type)
    )


def shares_call_id(item: Item, calls: frozenset[CallId]) -> bool:
    """Return True if an item is a request with the id and the parent of a call, which is its parent then.

    Args:
        item: any item.
        calls: the result of `call_ids` for the items around it.
    """
    return item.item_type == ItemType.REQUEST and (item.operation_id, item.id, item.parent_id) in calls
