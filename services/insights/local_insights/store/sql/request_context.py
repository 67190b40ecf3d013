"""What requests and calls say about their other ends, where the other end's own telemetry does not."""

from collections.abc import Iterable, Mapping

from local_insights.model.call_rows import MissingParentRow, NamedAddressRow, NamedCallerRow, RoleKeyRow
from local_insights.store.sql.queries import Queries, Row
from local_insights.store.sql.statements import read_sql
from local_insights.store.sql.statistics import gather

NAMED_ADDRESSES = read_sql("named_addresses")
ROLE_KEYS = read_sql("role_keys")


def orphans_and_callers(orphans: Iterable[Row]) -> tuple[tuple[MissingParentRow, ...], tuple[NamedCallerRow, ...]]:
    """Requests whose caller's item is missing: all by role, and those apart that say who the caller is."""
    served = gather(orphans, lambda row: (str(row[0]), str(row[1])))
    calls: dict[str, int] = {}
    for (role, _), statistics in sorted(served.items()):
        calls[role] = calls.get(role, 0) + statistics.calls
    callers = (NamedCallerRow(role, source, served[role, source]) for role, source in sorted(served) if source)
    return tuple(MissingParentRow(role, count) for role, count in calls.items()), tuple(callers)


def named_addresses(queries: Queries, range_bounds: Mapping[str, object]) -> tuple[NamedAddressRow, ...]:
    """Addresses and the applications that live there."""
    return tuple(NamedAddressRow(*row) for row in sorted(queries.ask(NAMED_ADDRESSES, range_bounds)))


def role_keys(queries: Queries, range_bounds: Mapping[str, object]) -> tuple[RoleKeyRow, ...]:
    """Which role belongs to which application."""
    rows = sorted(queries.ask(ROLE_KEYS, range_bounds))
    return tuple(RoleKeyRow(role, key, bool(is_serving)) for role, key, is_serving in rows)
