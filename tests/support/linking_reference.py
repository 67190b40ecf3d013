"""A reference implementation of the linking of calls and requests: item by item, in plain loops, not optimized."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from local_insights.model.call_rows import (
    RECENT_US,
    CallRows,
    ComponentRow,
    InstanceRow,
    LinkRow,
    MissingParentRow,
    NamedAddressRow,
    RoleKeyRow,
    RoleRow,
    RootRequestRow,
)
from local_insights.model.item import Item, ItemType
from local_insights.model.statistics import CallStatistics, bucket

MAX_SPANS = 2
"""The largest number of in-process spans between a call and its request: three hops."""


def expected_call_rows(items: list[Item], end_us: int) -> CallRows:
    """Return the expected rows of items that are all in the queried time range, which ends at `end_us`."""
    components = _components(items)
    names = {(row.role, row.instrumentation_key): row.name for row in components}
    items = [
        item._replace(
            role=names.get((item.role, item.instrumentation_key), item.role),
            parent_id=item.id if _shares_id_of_call(item, items) else item.parent_id,
        )
        for item in items
    ]
    requests = [item for item in items if item.item_type == ItemType.REQUEST]
    calls = [item for item in items if item.item_type == ItemType.DEPENDENCY]
    roles = {item.role for item in requests + calls}
    missing = [request for request in requests if _misses_parent(request, items)]
    addresses = {
        (call.role, call.dependency_type, call.target, application_id)
        for call in calls
        if (application_id := _application_called(call))
    }
    links = defaultdict(list)
    for call in calls:
        target_roles: set[str | None] = {*_serving_roles(call, requests, calls)}
        if not target_roles and not _is_in_process(call):
            target_roles = {None}
        for target_role in target_roles:
            links[call.role, target_role, call.dependency_type, call.target].append(call)
    return CallRows(
        roles=tuple(
            RoleRow(
                role,
                len(_instances(role, requests) or _instances(role, calls)),
                _statistics(request for request in requests if request.role == role),
            )
            for role in sorted(roles)
        ),
        links=tuple(
            LinkRow(*key, _statistics(links[key]), min(call.time_us for call in links[key]))
            for key in sorted(links, key=lambda key: (key[0], key[1] or "", *key[2:]))
        ),
        root_requests=tuple(
            RootRequestRow(role, _statistics(entered))
            for role in sorted(roles)
            if (entered := [request for request in requests if request.role == role and _is_root(request, items)])
        ),
        missing_parents=tuple(
            MissingParentRow(*key, is_recent=recent) for key, recent in _missing_parents(missing, end_us - RECENT_US)
        ),
        addresses=tuple(NamedAddressRow(*address) for address in sorted(addresses)),
        keys=tuple(
            RoleKeyRow(*key, is_serving=any((one.role, one.instrumentation_key) == key for one in requests))
            for key in sorted({(item.role, item.instrumentation_key) for item in requests + calls})
        ),
        instances=tuple(
            InstanceRow(role, name, _sums(one for one in requests if (one.role, one.role_instance) == (role, name)))
            for role in sorted(roles)
            for name in sorted(_instances(role, requests) or _instances(role, calls))
        ),
        components=tuple(components),
    )


def _components(items: list[Item]) -> list[ComponentRow]:
    """Return a name for every component whose role several applications have."""
    sending = [item for item in items if item.item_type in ("request", "dependency", "pageView")]
    keys: dict[str, set[str]] = {}
    for item in sending:
        keys.setdefault(item.role, set()).add(item.instrumentation_key)
    return sorted(
        ComponentRow(f"{role} ({key or 'no key'})", role, key)
        for role, found in keys.items()
        for key in found
        if len(found - {""}) > 1
    )


def _shares_id_of_call(item: Item, items: list[Item]) -> bool:
    """Return True if an item is a request with the id and the parent of a remote call."""
    return item.item_type == ItemType.REQUEST and any(
        call.item_type == ItemType.DEPENDENCY
        and not _is_in_process(call)
        and call.id
        and (call.operation_id, call.id, call.parent_id) == (item.operation_id, item.id, item.parent_id)
        for call in items
    )


def _missing_parents(missing: list[Item], recent_us: int) -> Iterator[tuple[tuple[str, CallStatistics, str], bool]]:
    """Yield role, statistics and `source` of requests with a missing parent, and if they are recent."""
    for role, source, recent in sorted({(one.role, _source(one), one.time_us >= recent_us) for one in missing}):
        group = [one for one in missing if (one.role, _source(one), one.time_us >= recent_us) == (role, source, recent)]
        yield (role, _statistics(group), source), recent


def _source(request: Item) -> str:
    """Return the field `source` if it names the caller."""
    return request.source if request.source.startswith("cid-v1:") or "roleName:" in request.source else ""


def _application_called(call: Item) -> str:
    """Return the id of the application that served a call, if its response contained one."""
    sent_target: str = json.loads(call.sent_json or "{}").get("target", "")
    return sent_target.partition(" | cid-v1:")[2]


def _instances(role: str, items: list[Item]) -> set[str]:
    return {item.role_instance for item in items if item.role == role}


def _serving_roles(call: Item, requests: list[Item], calls: list[Item]) -> set[str]:
    """Return the roles whose requests belong to a call."""
    if _is_in_process(call):
        return {
            request.role
            for request in requests
            if _is_parent(call, request)
            and request.role != call.role
            and not any(_is_below_remote_call(call, calls, hops) for hops in range(1, MAX_SPANS + 1))
        }
    for spans in range(MAX_SPANS + 1):
        serving = {
            request.role
            for request in requests
            for caller in _ancestors(request, calls, spans)
            if (caller.operation_id, caller.id) == (call.operation_id, call.id)
        }
        if serving:
            return serving
    return set()


def _is_below_remote_call(span: Item, calls: list[Item], hops: int) -> bool:
    """Return True when a remote call is `hops` above an in-process span, with only in-process spans in between."""
    return any(not _is_in_process(caller) for caller in _ancestors(span, calls, hops - 1))


def _ancestors(item: Item, calls: list[Item], spans: int) -> Iterator[Item]:
    """Yield the calls above an item, `spans` in-process spans away; duplicate ids yield several."""
    parents = [call for call in calls if _is_parent(call, item)]
    if spans == 0:
        yield from parents
        return
    for parent in parents:
        if _is_in_process(parent):
            yield from _ancestors(parent, calls, spans - 1)


def _misses_parent(request: Item, items: list[Item]) -> bool:
    return not _is_root(request, items) and not any(_is_parent(item, request) for item in items)


def _is_root(request: Item, items: list[Item]) -> bool:
    """Return True if a request names no parent, or names its operation and no item has that id."""
    names_operation = request.parent_id == request.operation_id
    return not request.parent_id or (names_operation and not any(_is_parent(item, request) for item in items))


def _is_parent(parent: Item, child: Item) -> bool:
    return bool(parent.id) and parent.operation_id == child.operation_id and parent.id == child.parent_id


def _is_in_process(call: Item) -> bool:
    return call.dependency_type.upper() == "INPROC" or call.dependency_type.startswith("InProc |")


def _statistics(items: Iterable[Item]) -> CallStatistics:
    total = CallStatistics()
    for item in items:
        duration_us = item.duration_us or 0
        weight = item.item_count
        failed = 0 if item.success else weight
        buckets = {} if item.duration_us is None else {bucket(item.duration_us): weight}
        total += CallStatistics(weight, failed, duration_us * weight, buckets, 1, weight**2)
    return total


def _sums(items: Iterable[Item]) -> CallStatistics:
    return replace(_statistics(items), buckets={})
