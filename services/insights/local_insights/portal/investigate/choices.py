"""The tabs and the role filter of Performance and Failures."""

from collections.abc import Sequence
from dataclasses import replace

from local_insights.portal.investigate.query import TABS, InvestigationQuery
from local_insights.portal.page_layout import Choice


def tab_links(query: InvestigationQuery) -> tuple[Choice, ...]:
    """Return the tabs of the page. A link to another tab selects no row, because its rows are others."""
    return tuple(
        Choice(replace(query.unselected(), tab=tab).link, tab.capitalize(), tab == query.tab)
        for tab in TABS[query.path]
    )


def role_choices(roles: Sequence[str], query: InvestigationQuery) -> tuple[Choice, ...]:
    """Return the roles to filter by, including the current one even when it sent no telemetry in the time range."""
    known = sorted({*roles, query.role} - {None}, key=str)
    return (
        Choice("", "All roles", query.role is None),
        *(Choice(str(role), str(role), role == query.role) for role in known),
    )
