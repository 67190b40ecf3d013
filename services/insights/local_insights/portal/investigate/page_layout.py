"""What Performance and Failures have in common: tabs, the choice of a role, what a change of the time range keeps."""

from collections.abc import Sequence
from dataclasses import replace

from local_insights.portal.investigate.query import TABS, InvestigationQuery
from local_insights.portal.page_layout import Choice, PageLayout, Section


def investigation_layout(title: str, section: Section, query: InvestigationQuery) -> PageLayout:
    """The frame; a change of the time range keeps the rest of the state."""
    kept = {name: value for name, value in query.parameters.items() if name not in query.time.parameters}
    return PageLayout(title, section, query.path, query.time, kept)


def tab_links(query: InvestigationQuery) -> tuple[Choice, ...]:
    """The tabs of a page. Another tab has other rows, so nothing is selected there."""
    return tuple(
        Choice(replace(query.unselected(), tab=tab).link, tab.capitalize(), tab == query.tab)
        for tab in TABS[query.path]
    )


def role_choices(roles: Sequence[str], query: InvestigationQuery) -> tuple[Choice, ...]:
    """The roles to narrow a page to, the one in force among them even when it sent nothing."""
    known = sorted({*roles, query.role} - {None}, key=str)
    return (
        Choice("", "All roles", query.role is None),
        *(Choice(str(role), str(role), role == query.role) for role in known),
    )
