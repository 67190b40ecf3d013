"""What requests and calls say about their other ends, where the other end's own telemetry does not."""

from collections.abc import Mapping

from local_insights.model.call_rows import NamedAddressRow, NamedCallerRow, RoleKeyRow
from local_insights.store.engine.database import read_sql
from local_insights.store.engine.questions import Questions
from local_insights.store.engine.statistics import gather

NAMED_CALLERS = read_sql("named_callers")
NAMED_ADDRESSES = read_sql("named_addresses")
ROLE_KEYS = read_sql("role_keys")


def named_callers(questions: Questions, range_bounds: Mapping[str, object]) -> tuple[NamedCallerRow, ...]:
    """Requests by role and by what they say about their caller."""
    served = gather(questions.ask(NAMED_CALLERS, range_bounds), lambda row: (str(row[0]), str(row[1])))
    return tuple(NamedCallerRow(role, source, served[role, source]) for role, source in sorted(served))


def named_addresses(questions: Questions, range_bounds: Mapping[str, object]) -> tuple[NamedAddressRow, ...]:
    """Addresses and the applications that live there."""
    return tuple(NamedAddressRow(*row) for row in sorted(questions.ask(NAMED_ADDRESSES, range_bounds)))


def role_keys(questions: Questions, range_bounds: Mapping[str, object]) -> tuple[RoleKeyRow, ...]:
    """Which role belongs to which application."""
    return tuple(RoleKeyRow(*row) for row in sorted(questions.ask(ROLE_KEYS, range_bounds)))
