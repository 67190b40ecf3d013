"""A store with prepared results, and the telemetry of a small mesh."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from local_insights.model.call_rows import CallRows, InstanceRow, LinkRow, RoleRow, RootRequestRow
from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import Search, SearchHit
from local_insights.model.selection import GroupField, Groups, NodeRef, Selection, TimelinePoint
from local_insights.model.statistics import CallStatistics, bucket
from local_insights.model.summaries import OperationSummary, StoreStats
from local_insights.model.time_range import TimeRange
from local_insights.store.memory.items import Row
from local_insights.store.memory.store import MemoryStore
from support.items import EMPTY_ITEM, item

NOTHING = CallRows((), (), (), ())
OPERATION_ID = EMPTY_ITEM.operation_id
MYSQL = "127.0.0.1:3306 | mesh"
LOST_CONNECTION = {
    "typeName": "mysql.connector.errors.OperationalError",
    "message": "2013: Lost connection to MySQL server during query",
    "parsedStack": [
        {"method": "insert", "fileName": "/app/storage/values.py", "line": 42},
        {"method": "execute", "fileName": "/app/storage/database.py", "line": 17},
    ],
}


def statistics(calls: int, failed: int, average_ms: float) -> CallStatistics:
    """Calls, one in ten of which took three times as long as the others."""
    slow = calls // 10
    usual_us = average_ms * 1000 * calls / (calls + 2 * slow)
    buckets = {bucket(round(usual_us)): calls - slow} | ({bucket(round(3 * usual_us)): slow} if slow else {})
    return CallStatistics(calls, failed, round(calls * average_ms * 1000), buckets)


MESH = CallRows(
    roles=(
        RoleRow("frontend", 1, statistics(1858, 63, 196)),
        RoleRow("echo", 3, statistics(932, 0, 4.4)),
        RoleRow("storage", 1, statistics(931, 61, 155)),
    ),
    links=(
        LinkRow("frontend", "echo", "HTTP", "127.0.0.1:8001", statistics(925, 0, 5.1)),
        LinkRow("frontend", "storage", "HTTP", "127.0.0.1:8002", statistics(924, 61, 166)),
        LinkRow("storage", None, "MySQL", MYSQL, statistics(1804, 124, 76)),
    ),
    root_requests=(RootRequestRow("frontend", statistics(1860, 63, 201)),),
    missing_parents=(),
    instances=(
        InstanceRow("frontend", "frontend-1", CallStatistics(1858, 63, 364_168_000)),
        InstanceRow("storage", "", CallStatistics(231, 1, 25_410_000)),
        InstanceRow("storage", "storage-1", CallStatistics(700, 60, 119_000_000)),
    ),
)


class FakeStore(MemoryStore):
    """An in-memory store with prepared results for some queries, a log of the queries, and an error to raise.

    Args:
        map_rows: the result of `call_rows`; None computes it from the items.
        summaries: the result of `recent_operations`; None computes it from the items.
        items: the items by operation.
        store_stats: the result of `stats`; None computes it from the items.
    """

    def __init__(
        self,
        *,
        map_rows: CallRows | None = None,
        summaries: list[OperationSummary] | None = None,
        items: dict[str, list[Item]] | None = None,
        store_stats: StoreStats | None = None,
    ) -> None:
        super().__init__()
        self.map_rows = map_rows
        self.summaries = summaries
        self.items = {} if items is None else items
        self.store_stats = store_stats
        self.error: Exception | None = None
        self.queries: list[tuple[str, tuple[Any, ...]]] = []
        """Name and arguments of each query."""

    def snapshot(self) -> Sequence[Row]:
        self._raise_error()
        return list(enumerate(item for items in self.items.values() for item in items))

    def call_rows(self, time_range: TimeRange) -> CallRows:
        self._log("call_rows", time_range)
        return super().call_rows(time_range) if self.map_rows is None else self.map_rows

    def recent_operations(
        self, time_range: TimeRange, limit: int, node: NodeRef | None = None, *, failed_only: bool = False
    ) -> list[OperationSummary]:
        self._log("recent_operations", time_range, node, failed_only)
        if self.summaries is None:
            return super().recent_operations(time_range, limit, node, failed_only=failed_only)
        return [summary for summary in self.summaries if summary.success is False or not failed_only][:limit]

    def stats(self) -> StoreStats:
        return super().stats() if self.store_stats is None else self.store_stats

    def groups(self, selection: Selection, by: Sequence[GroupField], *args: Any, **options: Any) -> Groups:  # noqa: ANN401 - passed on
        self._log("groups", selection, by)
        return super().groups(selection, by, *args, **options)

    def trend(self, selection: Selection, *args: Any, **options: Any) -> list[TimelinePoint]:  # noqa: ANN401 - passed on
        self._log("trend", selection)
        return super().trend(selection, *args, **options)

    def search_items(self, search: Search, *args: Any, **options: Any) -> list[SearchHit]:  # noqa: ANN401 - passed on
        self._log("search_items", search)
        return super().search_items(search, *args, **options)

    def _log(self, name: str, *arguments: Any) -> None:  # noqa: ANN401 - of any query
        self.queries.append((name, arguments))
        self._raise_error()

    def _raise_error(self) -> None:
        if self.error is not None:
            raise self.error


def failed_operation(start_us: int) -> list[Item]:
    """A request to frontend that calls echo and then storage, whose second statement fails."""

    def at(offset_ms: float, duration_ms: float | None = None) -> dict[str, object]:
        return {
            "time_us": start_us + round(offset_ms * 1000),
            "duration_us": None if duration_ms is None else round(duration_ms * 1000),
        }

    called = {"item_type": ItemType.DEPENDENCY, "success": True, "result_code": "200", "dependency_type": "HTTP"}
    return [
        item(
            **at(0, 412.6),
            id="a1",
            name="POST /values",
            success=False,
            result_code="502",
            data="http://127.0.0.1:8000/values",
        ),
        item(**at(2, 6.4), **called, id="b1", parent_id="a1", name="POST /echo", target="127.0.0.1:8001"),
        item(**at(3, 3.2), id="c1", parent_id="b1", role="echo", name="POST /echo", success=True, result_code="200"),
        item(
            **at(12, 396),
            **(called | {"success": False, "result_code": "500"}),
            id="b2",
            parent_id="a1",
            name="POST /values",
            target="127.0.0.1:8002",
        ),
        item(
            **at(15, 392),
            id="c2",
            parent_id="b2",
            role="storage",
            name="POST /values",
            success=False,
            result_code="500",
        ),
        item(
            **at(19, 61),
            **(called | {"dependency_type": "MySQL", "result_code": "0"}),
            id="d1",
            parent_id="c2",
            role="storage",
            name="SELECT",
            target=MYSQL,
            data="SELECT id, value FROM entered_values ORDER BY id DESC LIMIT 10",
        ),
        item(
            **at(90),
            item_type=ItemType.TRACE,
            id="",
            parent_id="c2",
            role="storage",
            message="retrying the statement, attempt 2 of 3",
            severity=2,
        ),
        item(
            **at(88.4, 301.9),
            **(called | {"dependency_type": "MySQL", "success": False, "result_code": "2013"}),
            id="d2",
            parent_id="c2",
            role="storage",
            name="INSERT",
            target=MYSQL,
            data="INSERT INTO entered_values (value) VALUES (%s)",
            properties_json='{"db.rows": 0, "pool": "storage-1"}',
        ),
        item(
            **at(391),
            item_type=ItemType.EXCEPTION,
            parent_id="d2",
            role="storage",
            message=str(LOST_CONNECTION["message"]),
            severity=3,
            exceptions_json=json.dumps([LOST_CONNECTION]),
        ),
    ]


def stocked_store(now_us: int) -> FakeStore:
    """A store with the running mesh, and one failed operation two seconds before `now_us`."""
    newest = OperationSummary(OPERATION_ID, "POST /values", "frontend", now_us - 2_000_000, 412_600, success=False)
    summaries = [
        replace(
            newest,
            operation_id=f"{number:032x}" if number else OPERATION_ID,
            start_us=newest.start_us - number * 1_700_000,
            success=number % 4 != 0,
            duration_us=40_000 + 9_000 * number,
        )
        for number in range(12)
    ]
    return FakeStore(
        map_rows=MESH,
        summaries=summaries,
        items={OPERATION_ID: failed_operation(now_us - 2_000_000)},
        store_stats=StoreStats(12_000, now_us - 3600_000_000, now_us),
    )
