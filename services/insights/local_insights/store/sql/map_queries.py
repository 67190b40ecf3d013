"""Queries of the Application Map."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from local_insights.model.call_rows import (
    RECENT_US,
    AvailabilityRow,
    CallRows,
    ComponentRow,
    InstanceRow,
    LinkRow,
    MissingParentRow,
    NamedAddressRow,
    PageViewRow,
    RoleKeyRow,
    RoleRow,
    RootRequestRow,
)
from local_insights.model.components import Component, component_names, shared_roles
from local_insights.model.item import ItemType
from local_insights.model.statistics import CallStatistics
from local_insights.model.targets import HTTP_TYPES
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import MapReader
from local_insights.store.sql.queries import Row, SqlQueries, range_parameters
from local_insights.store.sql.statements import read_sql
from local_insights.store.sql.statistics import MEASURES, aggregate

REQUESTS_BY_ROLE = read_sql("requests_by_role")
CALLING_INSTANCES = read_sql("calling_instances")
ITEM_TYPE_COUNTS = read_sql("item_type_counts")
DIRECT_CALLS = read_sql("direct_calls")
CALLS_OVER_IN_PROCESS_SPANS = read_sql("calls_over_in_process_spans")
MISSING_PARENTS = read_sql("missing_parents")
PAGE_VIEWS = read_sql("page_views")
AVAILABILITY_RESULTS = read_sql("availability_results")
APPLICATION_IDS_BY_ADDRESS = read_sql("application_ids_by_address")
INSTRUMENTATION_KEYS_BY_ROLE = read_sql("instrumentation_keys_by_role")
INSTRUMENTATION_KEYS = read_sql("instrumentation_keys")
SHARED_SPANS = read_sql("shared_spans")
LINKED_ITEMS = read_sql("linked_items")
_FIRST_US = -1 - MEASURES
"""The column of the time of the first call, in the rows of both queries about calls."""
_SEPARATOR = "\x1f"
"""Separates role and key in the rows of `LINKED_ITEMS`."""

Parameters = Mapping[str, object]


class MapQueries(SqlQueries, MapReader):
    """The queries of `MapReader`."""

    def call_rows(self, time_range: TimeRange) -> CallRows:
        parameters = range_parameters(time_range)
        names: dict[Component, str] = {}
        if len({key for (key,) in self.execute(INSTRUMENTATION_KEYS, parameters)} - {""}) > 1:
            keys = self.execute(INSTRUMENTATION_KEYS_BY_ROLE, parameters)
            shared = shared_roles(Component(*row[:2]) for row in keys if row[4])
            names = component_names((Component(*row[:2]) for row in keys), shared)
        if not names:
            rows, may_miss_parents = self._call_rows(_Source(self.execute, "items", parameters))
            if not self._has_shared_spans(parameters, may_miss_parents=may_miss_parents):
                return rows
        roles = [component.role for component in names] or [""]  # a role is never empty
        linked = _Source(self.execute, LINKED_ITEMS, parameters | {"shared_roles": roles}, names)
        return self._call_rows(linked)[0]

    def _has_shared_spans(self, parameters: Parameters, *, may_miss_parents: bool) -> bool:
        """Return True if a request has the id and the parent of a remote call.

        The parents are the same, so only root requests can have a call's id if every other parent is a call.
        """
        same_parent = "d.parent_key IS NOT DISTINCT FROM r.parent_key"
        if not may_miss_parents:
            same_parent = "d.parent_key IS NULL AND r.parent_key IS NULL"
        ((found,),) = self.execute(SHARED_SPANS.format(same_parent=same_parent), parameters)
        return bool(found)

    def _call_rows(self, source: "_Source") -> tuple[CallRows, bool]:
        """Return the rows, and True if the parent of any request may be no call."""
        # The general query about calls and the one about missing parents take as long as all others together. The
        # results of the cheap queries show whether they are needed. The query about direct calls runs concurrently
        # with the cheap queries, because it takes as long as they do.
        with ThreadPoolExecutor(1, "query") as executor:
            direct_calls = executor.submit(source.rows, DIRECT_CALLS)
            requests = source.rows(REQUESTS_BY_ROLE)
            item_counts: dict[str, int] = dict(self.execute(ITEM_TYPE_COUNTS, source.range_parameters))
            page_views = _page_views(source) if ItemType.PAGE_VIEW in item_counts else ()
            availability = _availability(source) if ItemType.AVAILABILITY_RESULT in item_counts else ()
            calls = direct_calls.result()
            may_miss_parents = any(source_role is None for source_role, *_ in calls)
            missing = executor.submit(source.rows, MISSING_PARENTS) if may_miss_parents else None
            if not _is_direct(calls, item_counts.get(ItemType.DEPENDENCY, 0)):
                calls = source.rows(CALLS_OVER_IN_PROCESS_SPANS)
            unknown_parents = missing.result() if missing else []
        missing_parents = _missing_parents(row for row in unknown_parents if not row[2])
        names_callers = any(row.source for row in missing_parents)
        links = _links(calls)
        has_unserved = any(link.target_role is None and link.dependency_type.lower() in HTTP_TYPES for link in links)
        addresses = _addresses(source) if has_unserved else ()
        serving, calling = ({row[0] for row in rows} - {None} for rows in (requests, calls))
        instances = _instances(requests, source.rows(CALLING_INSTANCES) if calling - serving else ())
        by_role = [row for row in requests if row[1] is None]
        roots = aggregate([row for row in [*by_role, *unknown_parents] if row[2]], lambda row: row[0])
        rows = CallRows(
            roles=_roles(by_role, instances),
            links=links,
            root_requests=tuple(RootRequestRow(role, statistics) for role, statistics in sorted(roots.items())),
            missing_parents=missing_parents,
            page_views=page_views,
            availability=availability,
            addresses=addresses,
            keys=self._keys(source) if names_callers or addresses else (),
            instances=instances,
            components=tuple(sorted(ComponentRow(name, *component) for component, name in source.names.items())),
        )
        return rows, may_miss_parents

    def _keys(self, source: "_Source") -> tuple[RoleKeyRow, ...]:
        rows = self.execute(INSTRUMENTATION_KEYS_BY_ROLE, source.range_parameters)
        return tuple(
            sorted(
                RoleKeyRow(source.names.get(Component(role, key), role), key, bool(is_serving))
                for role, key, is_serving, is_linked, _ in rows
                if is_linked
            )
        )


class _Source:
    """Executes the statements of the map on the table of items or on `LINKED_ITEMS`.

    Args:
        execute: executes a statement.
        items: the table, or the query that replaces it.
        parameters: the parameters of the statements.
        names: the names of components, which replace the roles in `LINKED_ITEMS`.
    """

    def __init__(
        self,
        execute: Callable[[str, Parameters], list[Row]],
        items: str,
        parameters: Parameters,
        names: Mapping[Component, str] | None = None,
    ) -> None:
        self.names = names or {}
        self.range_parameters = {name: parameters[name] for name in ("start_us", "end_us")}
        self._execute = execute
        self._items = items
        self._parameters = parameters
        self._labels = {_SEPARATOR.join(component): name for component, name in self.names.items()}

    def rows(self, statement: str) -> list[Row]:
        """Execute a statement. The roles in its rows are names of components."""
        rows = self._execute(statement.format(items=self._items, recent_us=RECENT_US), self._parameters)
        if not self._labels:
            return rows
        return [
            tuple(self._labels.get(value, value) if isinstance(value, str) else value for value in row) for row in rows
        ]


def _page_views(source: _Source) -> tuple[PageViewRow, ...]:
    views = aggregate(source.rows(PAGE_VIEWS), lambda row: str(row[0]))
    return tuple(PageViewRow(role, statistics) for role, statistics in sorted(views.items()))


def _availability(source: _Source) -> tuple[AvailabilityRow, ...]:
    """Return the results of availability tests by name and by the role that they reached."""
    results = aggregate(source.rows(AVAILABILITY_RESULTS), lambda row: (row[0], row[1] or ""))
    return tuple(AvailabilityRow(name, role or None, results[name, role]) for name, role in sorted(results))


def _addresses(source: _Source) -> tuple[NamedAddressRow, ...]:
    return tuple(NamedAddressRow(*row) for row in sorted(source.rows(APPLICATION_IDS_BY_ADDRESS)))


def _is_direct(calls: list[Row], dependencies: int) -> bool:
    """Return True if every dependency has at most one request as child, and no in-process span has any."""
    pairs = sum(row[5] for row in calls if row[0] is not None)
    return pairs == dependencies and not any(in_process and target_role for _, target_role, in_process, *_ in calls)


def _missing_parents(rows: Iterable[Row]) -> tuple[MissingParentRow, ...]:
    requests = aggregate(rows, lambda row: (str(row[0]), str(row[1]), bool(row[3])))
    return tuple(
        MissingParentRow(role, requests[role, source, is_recent], source, is_recent)
        for role, source, is_recent in sorted(requests)
    )


def _instances(requests: Iterable[Row], callers: Iterable[Row]) -> tuple[InstanceRow, ...]:
    """Return the instances that served requests, and, for roles that served none, the instances that made calls."""
    serving = aggregate((row for row in requests if row[1] is not None), lambda row: (row[0], row[1]))
    roles = {role for role, _ in serving}
    instances = serving | {(role, name): CallStatistics() for role, name in callers if role not in roles}
    return tuple(InstanceRow(role, name, instances[role, name]) for role, name in sorted(instances))


def _roles(requests: Iterable[Row], instances: Iterable[InstanceRow]) -> tuple[RoleRow, ...]:
    by_role = aggregate(requests, lambda row: row[0])
    counts = Counter(instance.role for instance in instances)
    return tuple(RoleRow(role, counts[role], by_role.get(role, CallStatistics())) for role in sorted(counts))


def _links(calls: list[Row]) -> tuple[LinkRow, ...]:
    """Return the remote calls, and the in-process spans that a request of another role has as parent."""

    def key(row: Row) -> tuple[str, str | None, str, str]:
        return row[0], row[1], row[3], row[4]

    rows = [row for row in calls if row[0] is not None and (not row[2] or row[1] is not None)]
    links = aggregate(rows, key)
    first_us: dict[tuple[str, str | None, str, str], int] = {}
    for row in rows:
        first_us[key(row)] = min(row[_FIRST_US], first_us.get(key(row), row[_FIRST_US]))
    ordered = sorted(links, key=lambda link: (link[0], link[1] or "", link[2], link[3]))
    return tuple(LinkRow(*link, links[link], first_us[link]) for link in ordered)
