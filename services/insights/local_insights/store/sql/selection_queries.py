"""Queries of selections: counts, groups, trends, failures, samples."""

from collections.abc import Sequence
from dataclasses import replace

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import (
    Failure,
    Group,
    GroupField,
    GroupOrder,
    Groups,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.summaries import ItemCounts
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import SelectionReader
from local_insights.store.sql.queries import SqlQueries, range_parameters
from local_insights.store.sql.selection_conditions import FAILED, condition, parameters
from local_insights.store.sql.statements import read_sql
from local_insights.store.sql.statistics import aggregate

GROUPS = read_sql("groups")
TREND = read_sql("trend")
CO_OCCURRING_FAILURES = read_sql("co_occurring_failures")
SAMPLES = read_sql("samples")
ITEM_COUNTS = read_sql("item_counts")
ROLES = read_sql("roles")

_SAMPLE_ORDERS = {"newest": "time_us DESC", "slowest": "duration_us DESC, time_us DESC"}
_NEAREST = "ABS(duration_us - $nearest_us), time_us DESC"
_COUNTED_TYPES = {ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.EXCEPTION}
_NO_BUCKET = "CAST(NULL AS SMALLINT)"


class SelectionQueries(SqlQueries, SelectionReader):
    """The queries of `SelectionReader`."""

    def roles(self, time_range: TimeRange) -> tuple[str, ...]:
        return tuple(role for (role,) in self.execute(ROLES, range_parameters(time_range)))

    def item_counts(self, time_range: TimeRange, role: str | None = None) -> dict[ItemType, ItemCounts]:
        statement = ITEM_COUNTS.format(role="1 = 1" if role is None else "role = $role")
        rows = self.execute(statement, range_parameters(time_range) | ({} if role is None else {"role": role}))
        return {ItemType(item_type): ItemCounts(*counts) for item_type, *counts in rows if item_type in _COUNTED_TYPES}

    def groups(  # noqa: PLR0913 - the signature of the contract
        self,
        selection: Selection,
        by: Sequence[GroupField],
        time_range: TimeRange,
        *,
        order: GroupOrder,
        limit: int,
        percentiles: bool = True,
    ) -> Groups:
        statement = GROUPS.format(
            fields=", ".join(by),
            bucket="bucket" if percentiles else _NO_BUCKET,
            counted_by=", ".join((*by, "bucket") if percentiles else by),
            counted_fields=", ".join(f"c.{field}" for field in by),
            same_fields=" AND ".join(f"r.{field} = c.{field}" for field in by),
            order=order,
            failed=FAILED,
            selected=condition(selection),
        )
        rows = self.execute(statement, range_parameters(time_range) | parameters(selection) | {"limit": limit})
        statistics_by_group = aggregate(rows, lambda row: (row[0], row[2 : 2 + len(by)]))
        return Groups(
            tuple(
                Group(replace(selection, **dict(zip(by, values, strict=True))), statistics)
                for (_, values), statistics in sorted(statistics_by_group.items(), key=lambda group: group[0][0])
            ),
            total=rows[0][1] if rows else 0,
        )

    def trend(
        self, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool = True
    ) -> list[TimelinePoint]:
        statement = TREND.format(
            bucket="bucket" if percentiles else _NO_BUCKET,
            counted_by="step, bucket" if percentiles else "step",
            failed=FAILED,
            selected=condition(selection),
        )
        rows = self.execute(statement, range_parameters(time_range) | parameters(selection) | {"steps": steps})
        return [
            TimelinePoint(time_range.start_us + step * time_range.duration_us // steps, statistics)
            for step, statistics in sorted(aggregate(rows, lambda row: int(row[0])).items())
        ]

    def co_occurring_failures(self, selection: Selection, time_range: TimeRange, limit: int = 10_000) -> list[Failure]:
        statement = CO_OCCURRING_FAILURES.format(selected=condition(selection))
        rows = self.execute(statement, range_parameters(time_range) | parameters(selection) | {"limit": limit})
        return [Failure(ItemType(item_type), *values) for item_type, *values in rows]

    def samples(
        self, selection: Selection, time_range: TimeRange, limit: int, *, order: SampleOrder = "newest"
    ) -> list[Item]:
        nearest = {"nearest_us": order} if isinstance(order, int) else {}
        statement = SAMPLES.format(
            columns=", ".join(Item._fields),
            selected=condition(selection),
            timed="1 = 1" if order == "newest" else "duration_us IS NOT NULL",
            order=_NEAREST if nearest else _SAMPLE_ORDERS[str(order)],
        )
        values = range_parameters(time_range) | parameters(selection) | nearest | {"limit": limit}
        return [Item._make(row) for row in self.execute(statement, values)]
