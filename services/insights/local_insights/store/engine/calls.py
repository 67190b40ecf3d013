"""Counts for the Application Map."""

from collections import Counter

from local_insights.model.call_rows import CallRows, EntryRow, LinkRow, RoleRow
from local_insights.model.statistics import CallStatistics
from local_insights.model.targets import HTTP_TYPES
from local_insights.model.time_range import TimeRange
from local_insights.store.engine.database import read_sql
from local_insights.store.engine.named_ends import named_addresses, orphans_and_callers, role_keys
from local_insights.store.engine.outside import availability_rows, view_rows
from local_insights.store.engine.questions import Questions, Row, bounds
from local_insights.store.engine.statistics import gather

SERVED = read_sql("served")
CALLERS = read_sql("callers")
PLAIN_CALLS = read_sql("plain_calls")
CALLS = read_sql("calls")
ORPHANS = read_sql("orphans")


def call_rows(questions: Questions, time_range: TimeRange) -> CallRows:
    """Ask for what the map of a range needs.

    The general answer about calls, and the one about missing parents, take as long as all the rest. What the cheap
    questions say shows whether they are needed.
    """
    range_bounds = bounds(time_range)
    served = questions.ask(SERVED, range_bounds)
    calling = questions.ask(CALLERS, range_bounds)
    calls = questions.ask(PLAIN_CALLS, range_bounds)
    may_have_orphans = any(source_role is None for source_role, *_ in calls)
    orphans, callers = orphans_and_callers(questions.ask(ORPHANS, range_bounds) if may_have_orphans else ())
    if not _is_plain(calls, dependencies=sum(row[2] for row in calling)):
        calls = questions.ask(CALLS, range_bounds)
    links = _links(calls)
    has_unanswered = any(link.target_role is None and link.dependency_type.lower() in HTTP_TYPES for link in links)
    addresses = named_addresses(questions, range_bounds) if has_unanswered else ()
    entries = gather((row for row in served if row[1]), lambda row: row[0])
    return CallRows(
        roles=_roles(served, calling),
        links=links,
        entries=tuple(EntryRow(role, statistics) for role, statistics in sorted(entries.items())),
        orphans=orphans,
        views=view_rows(questions, time_range),
        availability=availability_rows(questions, time_range),
        callers=callers,
        addresses=addresses,
        keys=role_keys(questions, range_bounds) if callers or addresses else (),
    )


def _is_plain(calls: list[Row], dependencies: int) -> bool:
    """Whether each dependency is paired with one request at most, and no in-process span with any."""
    pairs = sum(row[5] for row in calls if row[0] is not None)
    return pairs == dependencies and not any(in_process and target_role for _, target_role, in_process, *_ in calls)


def _roles(served: list[Row], callers: list[Row]) -> tuple[RoleRow, ...]:
    """Roles that served, with the instances that did; and roles that only called, with those that called."""
    by_role = gather(served, lambda row: row[0])
    called = Counter(role for role, *_ in callers)
    numbered: Counter[str] = Counter()
    for role, _, instance_number, *_ in served:
        numbered[role] = max(numbered[role], instance_number)
    instances = {**called, **numbered}
    return tuple(RoleRow(role, count, by_role.get(role, CallStatistics())) for role, count in sorted(instances.items()))


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
