"""Counts of the Application Map, from indexes that are built for each query."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

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
from local_insights.model.item import Item, ItemType, names_operation_as_parent
from local_insights.model.shared_spans import call_ids, shares_call_id
from local_insights.model.statistics import CallStatistics
from local_insights.model.targets import HTTP_TYPES, is_in_process
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import MapReader
from local_insights.store.memory.items import ItemSource, group_by, has_failed, summarize

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
_APPLICATION = "cid-v1:"
_APPLICATION_ID_LENGTH = 36
_TYPES_OF_COMPONENTS = frozenset({ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.PAGE_VIEW})


_Span = tuple[str, str]
"""Operation id and span id: span ids are unique within an operation only."""


class MemoryMapReader(ItemSource, MapReader):
    """The queries of `MapReader`."""

    def call_rows(self, time_range: TimeRange) -> CallRows:
        start_us, end_us = time_range.start_us, time_range.end_us
        sent = self.items_between(start_us - HOUR_US, end_us + HOUR_US)
        names = _component_names(sent, time_range)
        nearby = _linked(sent, names)
        items = [item for item in nearby if start_us <= item.time_us < end_us]
        requests = _of_type(items, ItemType.REQUEST)
        calls = _of_type(items, ItemType.DEPENDENCY)
        links = _links(calls, _CallGraph(nearby, start_us))
        parents = {_span(item) for item in nearby if item.id and item.time_us < end_us + MINUTE_US}
        unknown_parents = [item for item in requests if item.parent_id and _parent(item) not in parents]
        missing_parents = [item for item in unknown_parents if not names_operation_as_parent(item)]
        roots = [item for item in requests if not item.parent_id]
        roots += [item for item in unknown_parents if names_operation_as_parent(item)]
        has_unserved = any(link.target_role is None and link.dependency_type.lower() in HTTP_TYPES for link in links)
        addresses = _addresses(calls) if has_unserved else ()
        instances = _instances(requests, calls)
        return CallRows(
            roles=_roles(requests, instances),
            links=links,
            root_requests=tuple(RootRequestRow(role, summarize(group)) for role, group in group_by(roots, _role)),
            missing_parents=tuple(
                MissingParentRow(role, summarize(group), source, is_recent)
                for (role, source, is_recent), group in group_by(
                    missing_parents, lambda item: (item.role, _named_source(item), item.time_us >= end_us - RECENT_US)
                )
            ),
            page_views=tuple(
                PageViewRow(role, summarize(group, has_failed))
                for role, group in group_by(_of_type(items, ItemType.PAGE_VIEW), _role)
            ),
            availability=_availability(items, nearby),
            addresses=addresses,
            keys=_keys(requests, calls) if addresses or any(map(_named_source, missing_parents)) else (),
            instances=instances,
            components=tuple(sorted(ComponentRow(name, *component) for component, name in names.items())),
        )


def _component_names(items: list[Item], time_range: TimeRange) -> dict[Component, str]:
    """Return the names of the components whose roles several applications have."""
    sending = [item for item in items if item.item_type in _TYPES_OF_COMPONENTS]
    in_range = (item for item in sending if time_range.start_us <= item.time_us < time_range.end_us)
    return component_names(map(_component, sending), shared_roles(map(_component, in_range)))


def _linked(items: list[Item], names: Mapping[Component, str]) -> list[Item]:
    """Return the items with the names of components as roles, and the parents that requests have by a shared id."""
    calls = call_ids(items)
    return [
        item._replace(
            role=names.get(_component(item), item.role),
            parent_id=item.id if shares_call_id(item, calls) else item.parent_id,
        )
        for item in items
    ]


class _CallGraph:
    """Index of requests and dependencies by parent, to find the role that served a call."""

    def __init__(self, nearby: Iterable[Item], start_us: int) -> None:
        self._request_roles: defaultdict[_Span, set[str]] = defaultdict(set)
        self._in_process_children: defaultdict[_Span, set[_Span]] = defaultdict(set)
        self._in_process_parents: defaultdict[_Span, set[_Span]] = defaultdict(set)
        self._remote_calls: set[_Span] = set()
        for item in nearby:
            if item.item_type == ItemType.REQUEST:
                if item.parent_id and item.time_us >= start_us - MINUTE_US:
                    self._request_roles[_parent(item)].add(item.role)
            elif item.item_type == ItemType.DEPENDENCY and item.id:
                if not is_in_process(item.dependency_type):
                    self._remote_calls.add(_span(item))
                elif item.parent_id:
                    self._in_process_children[_parent(item)].add(_span(item))
                    self._in_process_parents[_span(item)].add(_parent(item))

    def target_roles(self, call: Item) -> set[str]:
        """Return the roles that served a call; none if they are unknown."""
        if not call.id:
            return set()
        span = _span(call)
        if is_in_process(call.dependency_type):
            others = self._request_roles.get(span, set()) - {call.role}
            return set() if self._is_below_remote_call(span) else others
        spans = {span}
        for _ in range(3):  # the call itself, then one and two in-process spans below it
            if roles := {role for span in spans for role in self._request_roles.get(span, ())}:
                return roles
            spans = {child for span in spans for child in self._in_process_children.get(span, ())}
        return set()

    def _is_below_remote_call(self, span: _Span) -> bool:
        """Return True if a remote call is one or two hops above an in-process span."""
        parents = self._in_process_parents.get(span, set())
        grandparents = {above for parent in parents for above in self._in_process_parents.get(parent, ())}
        return not self._remote_calls.isdisjoint(parents | grandparents)


def _links(calls: Iterable[Item], graph: _CallGraph) -> tuple[LinkRow, ...]:
    links: defaultdict[tuple[str, str | None, str, str], list[Item]] = defaultdict(list)
    for call in calls:
        target_roles: set[str | None] = {*graph.target_roles(call)}
        for target_role in target_roles or ({None} if not is_in_process(call.dependency_type) else ()):
            links[call.role, target_role, call.dependency_type, call.target].append(call)
    ordered = sorted(links, key=lambda link: (link[0], link[1] or "", link[2], link[3]))
    return tuple(LinkRow(*link, summarize(links[link]), min(call.time_us for call in links[link])) for link in ordered)


def _instances(requests: list[Item], calls: list[Item]) -> tuple[InstanceRow, ...]:
    """Return the instances that served requests, and, for roles that served none, the instances that made calls."""
    serving = {
        name: summarize(group, percentiles=False)
        for name, group in group_by(requests, lambda item: (item.role, item.role_instance))
    }
    roles = {role for role, _ in serving}
    calling = {(call.role, call.role_instance): CallStatistics() for call in calls if call.role not in roles}
    instances = serving | calling
    return tuple(InstanceRow(*name, instances[name]) for name in sorted(instances))


def _roles(requests: list[Item], instances: Iterable[InstanceRow]) -> tuple[RoleRow, ...]:
    by_role = dict(group_by(requests, _role))
    return tuple(
        RoleRow(role, len(group), summarize(by_role.get(role, ())))
        for role, group in group_by(instances, lambda instance: instance.role)
    )


def _availability(items: list[Item], nearby: list[Item]) -> tuple[AvailabilityRow, ...]:
    """Return the results of availability tests, with the role of the first request of their operations."""
    first_requests: dict[str, tuple[int, str]] = {}
    for request in _of_type(nearby, ItemType.REQUEST):
        first = first_requests.setdefault(request.operation_id, (request.time_us, request.role))
        first_requests[request.operation_id] = min(first, (request.time_us, request.role))
    first_requests.pop("", None)

    def reached(result: Item) -> tuple[str, str]:
        _, role = first_requests.get(result.operation_id, (0, ""))
        return result.name, role

    results = group_by(_of_type(items, ItemType.AVAILABILITY_RESULT), reached)
    return tuple(AvailabilityRow(name, role or None, summarize(group, has_failed)) for (name, role), group in results)


def _addresses(calls: Iterable[Item]) -> tuple[NamedAddressRow, ...]:
    """Return the addresses whose original target contains an application id: `host | cid-v1:<id>`."""
    addresses = set()
    for call in calls:
        if f"| {_APPLICATION}" in call.sent_json:
            application_id = call.sent_json.partition(_APPLICATION)[2][:_APPLICATION_ID_LENGTH]
            addresses.add((call.role, call.dependency_type, call.target, application_id))
    return tuple(NamedAddressRow(*address) for address in sorted(addresses))


def _keys(requests: Iterable[Item], calls: Iterable[Item]) -> tuple[RoleKeyRow, ...]:
    serving = {(item.role, item.instrumentation_key) for item in requests}
    calling = {(item.role, item.instrumentation_key) for item in calls}
    return tuple(RoleKeyRow(*key, is_serving=key in serving) for key in sorted(serving | calling))


def _named_source(item: Item) -> str:
    """Return the field `source` of a request if it names the caller, else an empty text."""
    return item.source if item.source.startswith(_APPLICATION) or "roleName:" in item.source else ""


def _of_type(items: Iterable[Item], item_type: ItemType) -> list[Item]:
    return [item for item in items if item.item_type == item_type]


def _component(item: Item) -> Component:
    return Component(item.role, item.instrumentation_key)


def _role(item: Item) -> str:
    return item.role


def _span(item: Item) -> _Span:
    return item.operation_id, item.id


def _parent(item: Item) -> _Span:
    return item.operation_id, item.parent_id
