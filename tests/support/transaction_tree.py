"""What a transaction looks like when every part of the mesh has told its part."""

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
"""The paths from the root of one input that was echoed and stored."""


def is_span(item: Item) -> bool:
    """Whether an item has a duration and may have children."""
    return item["item_type"] in {"request", "dependency"}


def paths(items: list[Item]) -> Counter[str]:
    """The path of every span from its root, each span as its role and kind. A parent that is missing shows as `?`."""
    spans = {item["id"]: item for item in items if is_span(item)}
    return Counter(_path(item, spans) for item in spans.values())


def assert_tells_of_a_stored_value(items: list[Item]) -> None:
    """The transaction is one complete tree: each span once, each under the right parent, the logs below spans of it."""
    span_ids = [item["id"] for item in items if is_span(item)]
    assert len(span_ids) == len(set(span_ids)), "an item came twice"
    assert paths(items) == STORED_VALUE
    assert {item["parent_id"] for item in items if not is_span(item)} <= set(span_ids)


def _path(item: Item, spans: dict[str, Item]) -> str:
    kind = item["type"] if item["item_type"] == "dependency" else "request"
    own = f"{item['role']} {kind}"
    if not item["parent_id"]:
        return own
    parent = spans.get(item["parent_id"])
    return f"{_path(parent, spans) if parent else '?'} > {own}"
