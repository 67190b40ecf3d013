"""Whether every input has its complete tree, read from the store's file once the server has let go of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import groupby
from pathlib import Path

import duckdb

from support.transaction_tree import STORED_VALUE, Item, paths

_SPANS = """
SELECT operation_id, item_type, role, id, parent_id, dependency_type AS type, result_code
FROM items
WHERE item_type IN ('request', 'dependency')
ORDER BY operation_id
"""
_FETCHED_AT_ONCE = 50_000


def faults(database: Path, statuses: Mapping[str, int]) -> Counter[str]:
    """What is wrong with the trees of the inputs, and how often; empty when nothing is.

    Args:
        database: The file of Local Insights.
        statuses: The status that each input was answered with, by operation id.
    """
    found: Counter[str] = Counter()
    told = set()
    for operation_id, items in groupby(_spans(database), key=lambda item: str(item["operation_id"])):
        if operation_id in statuses:
            told.add(operation_id)
            if fault := _fault(list(items), statuses[operation_id]):
                found[fault] += 1
    if missing := len(statuses.keys() - told):
        found["nothing arrived"] = missing
    return found


def _fault(items: list[Item], status: int) -> str:
    """What is wrong with one tree; empty when nothing is.

    An input that was answered as stored has exactly the spans of one that is. Any other has one root, which says what
    was answered, and below it whatever was tried, nothing of it without its parent.
    """
    if len({item["id"] for item in items}) < len(items):
        return "an item came twice"
    tree = paths(items)
    if status == HTTPStatus.CREATED:
        return "" if tree == STORED_VALUE else f"stored, but the tree is {dict(tree)}"
    if torn := sorted(path for path in tree if path.startswith("?")):
        return f"{status}, and without their parent: {torn}"
    roots = [item for item in items if not item["parent_id"]]
    if [(root["role"], root["result_code"]) for root in roots] != [("frontend", str(int(status)))]:
        return f"{status}, but the root says {[root['result_code'] for root in roots]}"
    return ""


def _spans(database: Path) -> Iterator[Item]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(_SPANS)
        names = [column[0] for column in rows.description]
        while batch := rows.fetchmany(_FETCHED_AT_ONCE):
            yield from (dict(zip(names, row, strict=True)) for row in batch)
