"""Check that every input has its complete tree, in the database file of a stopped server."""

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
    """Return the faults of the trees and their number; empty when all trees are complete.

    Args:
        database: The database file of Local Insights.
        statuses: The response status of each input, by operation id.
    """
    found: Counter[str] = Counter()
    received = set()
    for operation_id, items in groupby(_spans(database), key=lambda item: str(item["operation_id"])):
        if operation_id in statuses:
            received.add(operation_id)
            if fault := _fault(list(items), statuses[operation_id]):
                found[fault] += 1
    if missing := len(statuses.keys() - received):
        found["nothing arrived"] = missing
    return found


def _fault(items: list[Item], status: int) -> str:
    """Return the fault of one tree, or an empty text.

    A stored input has exactly the spans of STORED_VALUE. Any other input has one root with the status of the response,
    and below it the attempted calls, each with its parent.
    """
    if len({item["id"] for item in items}) < len(items):
        return "a duplicate item"
    tree = paths(items)
    if status == HTTPStatus.CREATED:
        return "" if tree == STORED_VALUE else f"stored, but the tree is {dict(tree)}"
    if torn := sorted(path for path in tree if path.startswith("?")):
        return f"{status}, and without their parent: {torn}"
    roots = [item for item in items if not item["parent_id"]]
    if [(root["role"], root["result_code"]) for root in roots] != [("frontend", str(int(status)))]:
        return f"{status}, but the root has {[root['result_code'] for root in roots]}"
    return ""


def _spans(database: Path) -> Iterator[Item]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(_SPANS)
        names = [column[0] for column in rows.description]
        while batch := rows.fetchmany(_FETCHED_AT_ONCE):
            yield from (dict(zip(names, row, strict=True)) for row in batch)
