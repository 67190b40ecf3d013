"""What is asked about selections: groups, trends, samples, tallies."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from local_insights.model.item import Item, ItemType
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Group, GroupFact, Groups, Selection, Tally, TimelinePoint
from local_insights.store.engine.database import read_sql
from local_insights.store.engine.questions import Questions
from local_insights.store.engine.selections import condition, parameters
from local_insights.store.engine.statistics import gather

GROUPS = read_sql("groups")
FAILING_OPERATIONS = read_sql("failing_operations")
TIMELINE = read_sql("timeline")
SAMPLES = read_sql("samples")
TALLIES = read_sql("tallies")
ROLES = read_sql("roles")

Order = Literal["calls", "failed", "duration"]


def groups(  # noqa: PLR0913 - one question, as the contract puts it
    questions: Questions,
    selection: Selection,
    by: Sequence[GroupFact],
    time_range: TimeRange,
    *,
    order: Order,
    limit: int,
    failing_with: Selection | None,
) -> Groups:
    """See the contract."""
    selected = condition(selection, "selected")
    values = bounds(time_range) | parameters(selection, "selected") | {"limit": limit}
    if failing_with:
        failing = replace(failing_with, failed_only=True)
        selected += " AND operation_id IN (" + FAILING_OPERATIONS.format(selected=condition(failing, "failing")) + ")"
        values |= parameters(failing, "failing")
    statement = GROUPS.format(
        facts=", ".join(by),
        same_facts=" AND ".join(f"p.{fact} = c.{fact}" for fact in by),
        chosen_facts=", ".join(f"c.{fact}" for fact in by),
        order=order,
        selected=selected,
    )
    rows = questions.ask(statement, values)
    ordered = sorted(gather(rows, lambda row: (row[0], row[2 : 2 + len(by)])).items(), key=lambda group: group[0][0])
    return Groups(
        tuple(
            Group(replace(selection, **dict(zip(by, facts, strict=True))), statistics)
            for (_, facts), statistics in ordered
        ),
        total=rows[0][1] if rows else 0,
    )


def trend(questions: Questions, selection: Selection, time_range: TimeRange, steps: int) -> list[TimelinePoint]:
    """See the contract."""
    values = bounds(time_range) | parameters(selection, "selected") | {"steps": steps}
    rows = questions.ask(TIMELINE.format(subject=condition(selection, "selected")), values)
    return [
        TimelinePoint(time_range.start_us + step * time_range.duration_us // steps, statistics)
        for step, statistics in sorted(gather(rows, lambda row: int(row[0])).items())
    ]


def samples(
    questions: Questions, selection: Selection, time_range: TimeRange, limit: int, nearest_us: int | None
) -> list[Item]:
    """See the contract."""
    nearest = {} if nearest_us is None else {"nearest_us": nearest_us}
    statement = SAMPLES.format(
        columns=", ".join(Item._fields),
        selected=condition(selection, "selected"),
        timed="1 = 1" if nearest_us is None else "duration_us IS NOT NULL",
        order="time_us DESC" if nearest_us is None else "ABS(duration_us - $nearest_us), time_us DESC",
    )
    values = bounds(time_range) | parameters(selection, "selected") | nearest | {"limit": limit}
    return [Item._make(row) for row in questions.ask(statement, values)]


def tallies(questions: Questions, time_range: TimeRange, role: str | None) -> dict[ItemType, Tally]:
    """See the contract."""
    statement = TALLIES.format(role="1 = 1" if role is None else "role = $role")
    rows = questions.ask(statement, bounds(time_range) | ({} if role is None else {"role": role}))
    return {ItemType(item_type): Tally(*counts) for item_type, *counts in rows}


def roles(questions: Questions, time_range: TimeRange) -> tuple[str, ...]:
    """See the contract."""
    return tuple(role for (role,) in questions.ask(ROLES, bounds(time_range)))


def bounds(time_range: TimeRange) -> dict[str, object]:
    """The parameters that a range has in every statement."""
    return {"start_us": time_range.start_us, "end_us": time_range.end_us}
