"""Counts for the Application Map."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from local_insights.model.call_rows import CallRows, InstanceRow, LinkRow, RoleRow, RootRequestRow
from local_insights.model.item import ItemType
from local_insights.model.statistics import CallStatistics
from local_insights.model.targets import HTTP_TYPES
from local_insights.model.time_range import TimeRange
from local_insights.store.sql.browser_and_availability import availability_rows, view_rows
from local_insights.store.sql.queries import Queries, Row, bounds
from local_insights.store.sql.request_context import named_addresses, orphans_and_callers, role_keys
from local_insights.store.sql.statements import read_sql
from local_insights.store.sql.statistics import gather

SERVED = read_sql("served")
CALLERS = read_sql("callers")
ITEM_TYPES = read_sql("item_types")
PLAIN_CALLS = read_sql("plain_calls")
CALLS = read_sql("calls")
ORPHANS = read_sql("orphans")


def call_rows(queries: Queries, time_range: TimeRange) -> CallRows:
    """Ask for what the map of a range needs.

    The general answer about calls, and the one about missing parents, take as long as all the rest. What the cheap
    queries say shows whether they are needed. The question about calls takes as long as the others together, so it
    is asked beside them.
    """
    range_bounds = bounds(time_range)
    with ThreadPoolExecutor(1, "question") as beside:
        plain_calls = beside.submit(queries.ask, PLAIN_CALLS, range_bounds)
        served = queries.ask(SERVED, range_bounds)
        numbers: dict[str, int] = dict(queries.ask(ITEM_TYPES, range_bounds))
        views = view_rows(queries, time_range) if ItemType.PAGE_VIEW in numbers else ()
        availability = availability_rows(queries, time_range) if ItemType.AVAILABILITY_RESULT in numbers else ()
        calls = plain_calls.result()
        may_have_orphans = any(source_role is None for source_role, *_ in calls)
        missing = beside.submit(queries.ask, ORPHANS, range_bounds) if may_have_orphans else None
        if not _is_plain(calls, numbers.get(ItemType.DEPENDENCY, 0)):
            calls = queries.ask(CALLS, range_bounds)
        orphans, callers = orphans_and_callers(missing.result() if missing else ())
    links = _links(calls)
    has_unanswered = any(link.target_role is None and link.dependency_type.lower() in HTTP_TYPES for link in links)
    addresses = named_addresses(queries, range_bounds) if has_unanswered else ()
    serving, calling = ({row[0] for row in rows} - {None} for rows in (served, calls))
    instances = _instances(served, queries.ask(CALLERS, range_bounds) if calling - serving else ())
    of_all = [row for row in served if row[1] is None]
    entries = gather((row for row in of_all if row[2]), lambda row: row[0])
    return CallRows(
        roles=_roles(of_all, instances),
        links=links,
        root_requests=tuple(RootRequestRow(role, statistics) for role, statistics in sorted(entries.items())),
        missing_parents=orphans,
        page_views=views,
        availability=availability,
        callers=callers,
        addresses=addresses,
        keys=role_keys(queries, range_bounds) if callers or addresses else (),
        instances=instances,
    )


def _is_plain(calls: list[Row], dependencies: int) -> bool:
    """Whether each dependency is paired with one request at most, and no in-process span with any."""
    pairs = sum(row[5] for row in calls if row[0] is not None)
    return pairs == dependencies and not any(in_process and target_role for _, target_role, in_process, *_ in calls)


def _instances(served: Iterable[Row], callers: Iterable[Row]) -> tuple[InstanceRow, ...]:
    """The instances of roles that served; and of roles that only called, those that called."""
    serving = gather((row for row in served if row[1] is not None), lambda row: (row[0], row[1]))
    roles = {role for role, _ in serving}
    instances = serving | {(role, name): CallStatistics() for role, name in callers if role not in roles}
    return tuple(InstanceRow(role, name, instances[role, name]) for role, name in sorted(instances))


def _roles(served: Iterable[Row], instances: Iterable[InstanceRow]) -> tuple[RoleRow, ...]:
    by_role = gather(served, lambda row: row[0])
    numbers = Counter(instance.role for instance in instances)
    return tuple(RoleRow(role, numbers[role], by_role.get(role, CallStatistics())) for role in sorted(numbers))


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
