"""What is asked about selections: groups, trends, failures, samples, item_counts."""

from collections.abc import Sequence
from dataclasses import fields, replace

from local_insights.model.item import ItemType
from local_insights.model.selection import (
    Failure,
    Group,
    GroupField,
    GroupOrder,
    Groups,
    Sample,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.summaries import ItemCounts
from local_insights.model.time_range import TimeRange
from local_insights.store.sql.queries import Queries, bounds
from local_insights.store.sql.selection_conditions import FAILED, condition, parameters
from local_insights.store.sql.statements import read_sql
from local_insights.store.sql.statistics import gather

GROUPS = read_sql("groups")
TREND = read_sql("trend")
CO_OCCURRING_FAILURES = read_sql("co_occurring_failures")
SAMPLES = read_sql("samples")
ITEM_COUNTS = read_sql("item_counts")
ROLES = read_sql("roles")

_SAMPLE_ORDERS = {"newest": "time_us DESC", "slowest": "duration_us DESC, time_us DESC"}
_NEAREST = "ABS(duration_us - $nearest_us), time_us DESC"
_TALLIED = {ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.EXCEPTION}
_NO_BUCKET = "CAST(NULL AS SMALLINT)"


def groups(  # noqa: PLR0913 - one question, as the contract puts it
    queries: Queries,
    selection: Selection,
    by: Sequence[GroupField],
    time_range: TimeRange,
    *,
    order: GroupOrder,
    limit: int,
    percentiles: bool,
) -> Groups:
    """See the contract."""
    statement = GROUPS.format(
        facts=", ".join(by),
        bucket="bucket" if percentiles else _NO_BUCKET,
        counted_by=", ".join((*by, "bucket") if percentiles else by),
        counted_facts=", ".join(f"c.{fact}" for fact in by),
        same_facts=" AND ".join(f"p.{fact} = c.{fact}" for fact in by),
        order=order,
        failed=FAILED,
        selected=condition(selection),
    )
    rows = queries.ask(statement, bounds(time_range) | parameters(selection) | {"limit": limit})
    ordered = sorted(gather(rows, lambda row: (row[0], row[2 : 2 + len(by)])).items(), key=lambda group: group[0][0])
    return Groups(
        tuple(
            Group(replace(selection, **dict(zip(by, facts, strict=True))), statistics)
            for (_, facts), statistics in ordered
        ),
        total=rows[0][1] if rows else 0,
    )


def trend(
    queries: Queries, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool
) -> list[TimelinePoint]:
    """See the contract."""
    statement = TREND.format(
        bucket="bucket" if percentiles else _NO_BUCKET,
        counted_by="step, bucket" if percentiles else "step",
        failed=FAILED,
        selected=condition(selection),
    )
    rows = queries.ask(statement, bounds(time_range) | parameters(selection) | {"steps": steps})
    return [
        TimelinePoint(time_range.start_us + step * time_range.duration_us // steps, statistics)
        for step, statistics in sorted(gather(rows, lambda row: int(row[0])).items())
    ]


def co_occurring_failures(queries: Queries, selection: Selection, time_range: TimeRange, limit: int) -> list[Failure]:
    """See the contract."""
    statement = CO_OCCURRING_FAILURES.format(selected=condition(selection))
    rows = queries.ask(statement, bounds(time_range) | parameters(selection) | {"limit": limit})
    return [Failure(ItemType(item_type), *facts) for item_type, *facts in rows]


def samples(
    queries: Queries, selection: Selection, time_range: TimeRange, limit: int, order: SampleOrder
) -> list[Sample]:
    """See the contract."""
    nearest = {"nearest_us": order} if isinstance(order, int) else {}
    statement = SAMPLES.format(
        columns=", ".join(field.name for field in fields(Sample)),
        selected=condition(selection),
        timed="1 = 1" if order == "newest" else "duration_us IS NOT NULL",
        order=_NEAREST if nearest else _SAMPLE_ORDERS[str(order)],
    )
    rows = queries.ask(statement, bounds(time_range) | parameters(selection) | nearest | {"limit": limit})
    return [Sample(*row) for row in rows]


def item_counts(queries: Queries, time_range: TimeRange, role: str | None) -> dict[ItemType, ItemCounts]:
    """See the contract."""
    statement = ITEM_COUNTS.format(role="1 = 1" if role is None else "role = $role")
    rows = queries.ask(statement, bounds(time_range) | ({} if role is None else {"role": role}))
    return {ItemType(item_type): ItemCounts(*counts) for item_type, *counts in rows if item_type in _TALLIED}


def roles(queries: Queries, time_range: TimeRange) -> tuple[str, ...]:
    """See the contract."""
    return tuple(role for (role,) in queries.ask(ROLES, bounds(time_range)))
