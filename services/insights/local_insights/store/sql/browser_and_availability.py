"""Counts for the Application Map of what looks at the services from outside: browsers and availability tests."""

from local_insights.model.call_rows import AvailabilityRow, PageViewRow
from local_insights.model.time_range import TimeRange
from local_insights.store.sql.queries import Queries, bounds
from local_insights.store.sql.statements import read_sql
from local_insights.store.sql.statistics import gather

VIEWS = read_sql("views")
AVAILABILITY = read_sql("availability")


def view_rows(queries: Queries, time_range: TimeRange) -> tuple[PageViewRow, ...]:
    """Page views by role, in the order of the roles."""
    rows = queries.ask(VIEWS, bounds(time_range))
    return tuple(PageViewRow(role, seen) for role, seen in sorted(gather(rows, lambda row: str(row[0])).items()))


def availability_rows(queries: Queries, time_range: TimeRange) -> tuple[AvailabilityRow, ...]:
    """Results of availability tests by name and the role they reached."""
    rows = queries.ask(AVAILABILITY, bounds(time_range))
    made = gather(rows, lambda row: (row[0], row[1] or ""))
    return tuple(AvailabilityRow(name, role or None, made[name, role]) for name, role in sorted(made))
