"""The template context of the page Failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from local_insights.model.statistics import CallStatistics
from local_insights.model.summaries import ItemCounts
from local_insights.portal.charts.axis import COUNTS
from local_insights.portal.charts.time_chart import HEIGHT_PX, bar_chart, timeline_series
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.failures.data import Failures
from local_insights.portal.failures.top_lists import TopList, top_lists
from local_insights.portal.investigate.call_table import CallTable, call_table
from local_insights.portal.investigate.choices import role_choices, tab_links
from local_insights.portal.investigate.query import ITEM_TYPES, InvestigationQuery, Sort, Tab
from local_insights.portal.investigate.samples import SampleRow, sample_rows
from local_insights.portal.page_layout import Choice, PageLayout

COLUMNS: tuple[Sort, ...] = ("name", "failed", "calls", "share")
EXCEPTION_COLUMNS: tuple[Sort, ...] = ("name", "failed")
"""The columns without "all" and "share", because every exception is a failure."""

_ALL_HEIGHT_PX, _ALONE_HEIGHT_PX = 60, 268
"""The height of the chart of all calls, and of the chart of failures where it is the only one."""
_TILES: Mapping[Tab, str] = {
    "operations": "Failed requests",
    "dependencies": "Failed dependencies",
    "exceptions": "Exceptions",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """The failures of one type; its link opens the tab of that type."""

    label: str
    link: str
    counts: ItemCounts
    is_shown: bool


@dataclass(frozen=True, slots=True)
class FailuresPage:
    """The page `/failures`; `failed` and `calls` are charts. `calls` is None on a tab where every item is a failure."""

    layout: PageLayout
    query: InvestigationQuery
    tiles: tuple[Tile, ...]
    tabs: tuple[Choice, ...]
    roles: tuple[Choice, ...]
    table: CallTable
    selected: CallStatistics
    failed: Markup
    calls: Markup | None
    top: tuple[TopList, ...]
    samples: tuple[SampleRow, ...]
    empty: EmptyState | None


def failures_page(
    data: Failures, roles: Sequence[str], query: InvestigationQuery, layout: PageLayout, empty: EmptyState | None
) -> FailuresPage:
    """Return the context for the data; `roles` are those with telemetry in the time range."""
    time_range = query.time.time_range
    failed = timeline_series(data.trend, time_range, "failed", "error", lambda statistics: statistics.failed)
    calls = timeline_series(data.trend, time_range, "all", "edge", lambda statistics: statistics.calls)
    is_failed_only = query.tab == "exceptions"
    return FailuresPage(
        layout=layout,
        query=query,
        tiles=tuple(
            Tile(
                label,
                replace(query.unselected(), tab=tab).link,
                data.item_counts.get(ITEM_TYPES[tab], ItemCounts()),
                tab == query.tab,
            )
            for tab, label in _TILES.items()
        ),
        tabs=tab_links(query),
        roles=role_choices(roles, query),
        table=call_table(data.groups, query, EXCEPTION_COLUMNS if is_failed_only else COLUMNS),
        selected=data.selected,
        failed=bar_chart(
            time_range,
            (failed,),
            COUNTS,
            label=f"Failures of {query.label}",
            empty_text="nothing failed",
            height_px=_ALONE_HEIGHT_PX if is_failed_only else HEIGHT_PX,
        ),
        calls=None
        if is_failed_only
        else bar_chart(time_range, (calls,), COUNTS, label=f"All of {query.label}", height_px=_ALL_HEIGHT_PX),
        top=top_lists(data.co_occurring, query),
        samples=sample_rows(data.samples),
        empty=empty,
    )
