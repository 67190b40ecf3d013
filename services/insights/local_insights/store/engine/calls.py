"""Counts for the Application Map."""

from local_insights.model.call_rows import CallRows, EntryRow, LinkRow, OrphanRow, RoleRow
from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange
from local_insights.store.engine.database import read_sql
from local_insights.store.engine.questions import Questions, Row
from local_insights.store.engine.statistics import gather

SERVED = read_sql("served")
INSTANCES = read_sql("instances")
CALLS = read_sql("calls")
RELAYED_CALLS = read_sql("relayed_calls")
ORPHANS = read_sql("orphans")


def call_rows(questions: Questions, time_range: TimeRange) -> CallRows:
    """Ask for what the map of a range needs.

    Two of the questions are seldom needed and cost as much as all the others: the ones about chains of in-process spans
    and about requests whose parent is missing. The answer about plain calls says whether to ask them.
    """
    bounds = {"start_us": time_range.start_us, "end_us": time_range.end_us}
    served = questions.ask(SERVED, bounds)
    instances = questions.ask(INSTANCES, bounds)
    calls = questions.ask(CALLS, bounds)
    may_have_orphans = any(source_role is None for source_role, *_ in calls)
    orphans = questions.ask(ORPHANS, bounds) if may_have_orphans else []
    if any(in_process and target_role is not None for _, target_role, in_process, *_ in calls):
        calls = questions.ask(RELAYED_CALLS, bounds)
    by_role = gather(served, lambda row: row[0])
    entries = gather((row for row in served if row[1]), lambda row: row[0])
    return CallRows(
        roles=tuple(RoleRow(role, count, by_role.get(role, CallStatistics())) for role, count in sorted(instances)),
        links=_links(calls),
        entries=tuple(EntryRow(role, statistics) for role, statistics in sorted(entries.items())),
        orphans=tuple(OrphanRow(role, count) for role, count in sorted(orphans)),
    )


def _links(calls: list[Row]) -> tuple[LinkRow, ...]:
    """Remote calls, and the in-process ones that were found to lead to another role."""
    links = gather(
        (row for row in calls if row[0] is not None and (not row[2] or row[1] is not None)),
        lambda row: (row[0], row[1], row[3], row[4]),
    )
    return tuple(
        LinkRow(source_role, target_role, dependency_type, target, statistics)
        for (source_role, target_role, dependency_type, target), statistics in sorted(
            links.items(), key=lambda link: (link[0][0], link[0][1] or "", link[0][2], link[0][3])
        )
    )
