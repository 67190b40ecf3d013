"""The expected tree of a transaction whose telemetry has arrived completely."""

from collections import Counter
from typing import Any

Item = dict[str, Any]

STORED_VALUE = Counter(
    {
        "frontend request": 1,
        "frontend request > frontend HTTP": 2,
        "frontend request > frontend HTTP > echo request": 1,
        "frontend request > frontend HTTP > storage request": 1,
        "frontend request > frontend HTTP > storage request > storage MySQL": 1,
    }
)
"""The paths of the spans of one stored input."""


def is_span(item: Item) -> bool:
    """Return True when an item has a duration and can have children."""
    return item["item_type"] in {"request", "dependency"}


def paths(items: list[Item]) -> Counter[str]:
    """Return the path of every span from its root, each span as its role and kind; a missing parent is `?`."""
    spans = {item["id"]: item for item in items if is_span(item)}
    return Counter(_path(item, spans) for item in spans.values())


def assert_complete_tree(items: list[Item]) -> None:
    """Assert that a stored input is one complete tree: each span once, with the right parent; logs below its spans."""
    span_ids = [item["id"] for item in items if is_span(item)]
    assert len(span_ids) == len(set(span_ids)), "a duplicate item"
    assert paths(items) == STORED_VALUE
    assert {item["parent_id"] for item in items if not is_span(item)} <= set(span_ids)


def _path(item: Item, spans: dict[str, Item]) -> str:
    kind = item["type"] if item["item_type"] == "dependency" else "request"
    own = f"{item['role']} {kind}"
    if not item["parent_id"]:
        return own
    parent = spans.get(item["parent_id"])
    return f"{_path(parent, spans) if parent else '?'} > {own}"
